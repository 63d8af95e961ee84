import type { HeaderList } from '../model/header-list.ts';
import type { ParsedHead } from './backend/parsed-head.ts';

/** A longer answer is not kept: it is served as it comes. */
const KEPT_BYTES = 64 * 1024;

/** An answer that waits, whole, for what the other side says: a 404 with `either`. */
export class KeptAnswer {
  readonly pieces: Buffer[] = [];
  /** null while some of it is still to come. */
  trailers: HeaderList | null = null;
  private bytes = 0;
  readonly head: ParsedHead;
  readonly headMs: number;

  constructor(head: ParsedHead, headMs: number) {
    this.head = head;
    this.headMs = headMs;
  }

  /** It may be short enough, by what its head says. */
  static canKeep({ bodyLength }: ParsedHead): boolean {
    return bodyLength === null || bodyLength <= KEPT_BYTES;
  }

  /** False: with this it is too long to be kept. */
  keep(bytes: Buffer): boolean {
    this.pieces.push(Buffer.from(bytes));
    this.bytes += bytes.length;
    return this.bytes <= KEPT_BYTES;
  }
}
