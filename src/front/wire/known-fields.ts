import type { HeaderList } from '../../model/header-list.ts';
import type { FieldLines } from '../../model/request.ts';
import type { FieldMemo, RawHead } from '../admit.ts';

/** The fields of a head as they were read, to be known again by their bytes. */
export interface ReadFields {
  /** From the first field's first byte to the end of the empty line. */
  readonly block: Buffer;
  readonly headers: HeaderList;
  readonly lines: FieldLines;
  readonly memo: FieldMemo;
}

/**
 * The fields that a client sent last. Most send the same again with each request of a connection: then one comparison of
 * bytes stands for reading them, and what was made of them is at hand. Kept from the second head of the same length on,
 * so that it costs nothing where each head is another.
 */
export class KnownFields {
  #last: ReadFields | null = null;
  #lastLength = 0;

  /** The fields of before, if just they stand here, with the empty line, and before `end`; else null. */
  find(bytes: Buffer, from: number, end: number): ReadFields | null {
    const last = this.#last;
    if (last === null) return null;
    const to = from + last.block.length;
    return to <= end && bytes.compare(last.block, 0, last.block.length, from, to) === 0 ? last : null;
  }

  /** This head was read from bytes that end with this block. Gives the head to use. */
  remember(head: RawHead, block: Buffer): RawHead {
    const isAlike = block.length === this.#lastLength;
    this.#lastLength = block.length;
    if (!isAlike || head.lines === undefined || head.headers.length === 0) return head;
    const lines = { ...head.lines, isKept: true };
    const memo: FieldMemo = { facts: null };
    this.#last = { block: Buffer.from(block), headers: head.headers, lines, memo };
    return { ...head, lines, memo };
  }

  forget(): void {
    this.#last = null;
    this.#lastLength = 0;
  }
}
