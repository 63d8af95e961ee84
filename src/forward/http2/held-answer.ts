import type { HeaderList } from '../../model/header-list.ts';

/** A piece of an answer, and how many bytes of the window it took. */
export interface HeldPiece {
  readonly bytes: Buffer;
  readonly counted: number;
}

/**
 * What came of an answer while its client took none: no more than a window, since none is granted for it. Many small
 * pieces become few, so that they hold little more than their bytes.
 */
export class HeldAnswer {
  /** The answer ended with these; null: it goes on. */
  trailers: HeaderList | null = null;
  private pieces: HeldPiece[] = [];

  get isEmpty(): boolean {
    return this.pieces.length === 0;
  }

  /** Keeps a copy. */
  add(bytes: Buffer, counted: number): void {
    const last = this.pieces.at(-1);
    if (last === undefined || last.bytes.length >= JOINED_BYTES) {
      this.pieces.push({ bytes: Buffer.from(bytes), counted });
      return;
    }
    const joined = { bytes: Buffer.concat([last.bytes, bytes]), counted: last.counted + counted };
    this.pieces[this.pieces.length - 1] = joined;
  }

  /** The oldest, which is held no more. */
  next(): HeldPiece | null {
    return this.pieces.shift() ?? null;
  }

  clear(): void {
    this.pieces = [];
  }
}

/** Pieces are joined up to about this size. */
const JOINED_BYTES = 4 * 1024;
