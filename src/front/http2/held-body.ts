import type { HeldBytes } from '../../model/held-bytes.ts';

/** A piece of a body. */
export interface Piece {
  readonly bytes: Buffer;
  /** What it takes of the windows: its padding too. */
  readonly counted: number;
}

/** What came of a body that nobody wants yet. */
export class HeldBody {
  readonly #pieces: Piece[] = [];
  readonly #all: HeldBytes | undefined;

  /** @param all What everyone holds; undefined: not counted. */
  constructor(all: HeldBytes | undefined) {
    this.#all = all;
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Keeps a copy: a slice would hold all of the buffer that it was read into. False: all together hold too much. */
  push(bytes: Buffer, counted: number): boolean {
    if (this.#all?.take(bytes.length) === false) return false;
    this.#pieces.push({ bytes: Buffer.from(bytes), counted });
    return true;
  }

  shift(): Piece | undefined {
    const piece = this.#pieces.shift();
    if (piece !== undefined) this.#all?.giveBack(piece.bytes.length);
    return piece;
  }

  /** Lets go of everything. Returns what it takes of the windows. */
  drop(): number {
    let counted = 0;
    for (let piece = this.shift(); piece !== undefined; piece = this.shift()) counted += piece.counted;
    return counted;
  }
}
