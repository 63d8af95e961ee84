import { LINE, TOKEN } from '../../model/byte-classes.ts';
import type { Failure } from '../../model/failure.ts';
import type { RawHead } from '../admit.ts';
import { KnownFields, type ReadFields } from './known-fields.ts';

/**
 * Reads a request's head, or the trailers of a chunked body, off bytes that come in any pieces. Strict (RFC 9112
 * sections 2 to 5): lines end with CRLF and hold no other control character, one space parts the request line, names
 * are tokens right before their colon, and no line is folded. Each byte is looked at once or twice, however it comes.
 *
 * Limits are checked while reading: what is too much is refused as soon as it is, not when it is whole.
 */

/** Bytes, and fields; as in FrontLimits. */
export interface HeadLimits {
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  readonly maxUrlBytes: number;
}

/** `more` bytes are needed; the head is `done`; or it has `failed`, and nothing more is read. */
export type Progress = 'more' | 'done' | 'failed';

const CR = 13;
const LF = 10;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
/** The shape of a version. */
const VERSION = Buffer.from('HTTP/1.1');
const NONE: readonly number[] = [];
/** Method and target of a line whose rest is malformed, for the log; no more of it than this many bytes. */
const BEGINNING = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^ \t]{1,1024})/;
const MOST_SHOWN = 4096;

/** Reads the heads of one connection, one after the other. */
export class HeadReader {
  failure: Failure = 'malformed_request';
  /** After `done`: bytes from the start to the end of the empty line. */
  length = 0;
  readonly #limits: HeadLimits;
  #isTrailers = false;
  /** Offsets from the start: of the line being read, and of the first byte not looked at. */
  #line = 0;
  #at = 0;
  #hasRequestLine = false;
  #minor = 0;
  #major = 0;
  /** Offsets: of the target's two ends, then of each field's name and value, four numbers a field. */
  #marks: number[] = NONE as number[];
  readonly #known = new KnownFields();
  /** The fields of this head, if they are known. */
  #same: ReadFields | null = null;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Expects a head, or trailers, at whatever start the next `read` names. */
  begin(isTrailers: boolean): void {
    this.#isTrailers = isTrailers;
    this.#hasRequestLine = isTrailers;
    this.#line = 0;
    this.#at = 0;
    // No array is kept for idle connections.
    this.#marks = NONE as number[];
    this.#same = null;
  }

  /** Keeps nothing of the heads before. */
  forget(): void {
    this.#known.forget();
  }

  /** Reads on. `start`: where the head begins in these bytes, which hold all of it that has come. */
  read(bytes: Buffer, start: number): Progress {
    const limit = start + this.#limits.maxHeaderBytes;
    const end = Math.min(bytes.length, limit);
    for (let at = start + this.#at; ; ) {
      while (at < end && LINE[bytes[at] as number] === 1) at++;
      this.#at = at - start;
      if (at + 1 >= end) return this.#lacks(bytes, start, end, at < end && bytes[at] !== CR);
      if (bytes[at] !== CR || bytes[at + 1] !== LF) return this.#fail('malformed_request');
      at += 2;
      const isEmpty = this.#at === this.#line;
      if (isEmpty && this.#hasRequestLine) {
        this.length = at - start;
        return 'done';
      }
      if (!this.#takeLine(bytes, start)) return 'failed';
      this.#at = at - start;
      this.#line = this.#at;
      if (this.#marks.length === 2 && this.#findSame(bytes, at, end)) {
        this.length = this.#at + (this.#same as ReadFields).block.length;
        return 'done';
      }
    }
  }

  /** After the request line: whether all that follows is known. */
  #findSame(bytes: Buffer, at: number, end: number): boolean {
    if (this.#isTrailers) return false;
    this.#same = this.#known.find(bytes, at, end);
    return this.#same !== null;
  }

  /** The head that was read. `bytes` and `start` as in the last `read`. */
  head(bytes: Buffer, start: number): RawHead {
    if (this.#same !== null) return this.#sameHead(bytes, start, this.#same);
    const head = this.#headOf(bytes, start);
    const fieldsStart = start + (this.#marks[2] ?? this.#at);
    return this.#known.remember(head, bytes.subarray(fieldsStart, start + this.length));
  }

  #headOf(bytes: Buffer, start: number): RawHead {
    const text = bytes.toString('latin1', start, start + this.#at);
    const marks = this.#marks;
    const [targetStart = 0, targetEnd = 0] = marks;
    return {
      method: text.slice(0, targetStart - 1),
      target: text.slice(targetStart, targetEnd),
      major: this.#major,
      minor: this.#minor,
      headers: fieldsOf(text, marks, 2),
      lines: { text, marks },
      memo: undefined,
    };
  }

  #sameHead(bytes: Buffer, start: number, { headers, lines, memo }: ReadFields): RawHead {
    const [targetStart = 0, targetEnd = 0] = this.#marks;
    const text = bytes.toString('latin1', start, start + targetEnd);
    return {
      method: text.slice(0, targetStart - 1),
      target: text.slice(targetStart),
      major: this.#major,
      minor: this.#minor,
      headers,
      lines,
      memo,
    };
  }

  /** The trailers that were read. */
  trailers(bytes: Buffer, start: number): string[] {
    return fieldsOf(bytes.toString('latin1', start, start + this.#at), this.#marks, 0);
  }

  /** What is known of a head that is not whole, or failed: of a malformed request line what begins it; else null. */
  partialHead(bytes: Buffer, start: number): RawHead | null {
    if (this.#hasRequestLine) return this.#isTrailers ? null : this.#headOf(bytes, start);
    const line = BEGINNING.exec(bytes.toString('latin1', start, start + Math.min(this.#at, MOST_SHOWN)));
    if (line === null) return null;
    const [, method, target] = line as unknown as [string, string, string];
    return { method, target, major: 1, minor: 1, headers: [] };
  }

  /** More is needed, unless there is too much already, or a byte that no line may hold. */
  #lacks(bytes: Buffer, start: number, end: number, isForbidden: boolean): Progress {
    if (isForbidden) return this.#fail('malformed_request');
    const length = end - start;
    if (!this.#hasRequestLine && length > this.#limits.maxUrlBytes) {
      const targetStart = bytes.indexOf(SPACE, start) + 1;
      const space = targetStart === 0 ? -1 : bytes.indexOf(SPACE, targetStart);
      const targetEnd = space === -1 || space > end ? end : space;
      if (targetStart > 0 && targetEnd - targetStart > this.#limits.maxUrlBytes)
        return this.#fail('url_too_long');
    }
    return length >= this.#limits.maxHeaderBytes ? this.#fail('header_too_large') : 'more';
  }

  #takeLine(bytes: Buffer, start: number): boolean {
    const from = start + this.#line;
    const to = start + this.#at;
    if (this.#line === 0) this.#marks = [];
    return this.#hasRequestLine ? this.#takeField(bytes, from, to) : this.#takeRequestLine(bytes, from, to);
  }

  /** `method SP target SP HTTP/d.d` (RFC 9112 section 3). */
  #takeRequestLine(bytes: Buffer, from: number, to: number): boolean {
    let at = from;
    while (TOKEN[bytes[at] as number] === 1) at++;
    if (at === from || bytes[at] !== SPACE) return this.#refuse('malformed_request');
    const targetStart = ++at;
    while (at < to && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
    if (at - targetStart > this.#limits.maxUrlBytes) return this.#refuse('url_too_long');
    if (at === targetStart || bytes[at] !== SPACE || !this.#takeVersion(bytes, at + 1, to))
      return this.#refuse('malformed_request');
    this.#marks.push(targetStart - from, at - from);
    this.#hasRequestLine = true;
    // Another protocol may go on in any way, as the preface of HTTP/2 does: nothing after this line is read.
    return this.#major === 1 || this.#refuse('bad_version');
  }

  #takeVersion(bytes: Buffer, from: number, to: number): boolean {
    if (to - from !== VERSION.length || bytes[from + 6] !== VERSION[6]) return false;
    for (let i = 0; i < 5; i++) if (bytes[from + i] !== VERSION[i]) return false;
    this.#major = (bytes[from + 5] as number) - 0x30;
    this.#minor = (bytes[from + 7] as number) - 0x30;
    return isDigit(this.#major) && isDigit(this.#minor);
  }

  /** `name:OWS value OWS` (RFC 9112 section 5). */
  #takeField(bytes: Buffer, from: number, to: number): boolean {
    const marks = this.#marks;
    if (marks.length >> 2 >= this.#limits.maxHeaders) return this.#refuse('header_too_large');
    let at = from;
    while (TOKEN[bytes[at] as number] === 1) at++;
    if (at === from || bytes[at] !== COLON) return this.#refuse('malformed_request');
    let valueStart = at + 1;
    let valueEnd = to;
    while (valueStart < valueEnd && isBlank(bytes[valueStart] as number)) valueStart++;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
    const start = from - this.#line;
    marks.push(from - start, at - start, valueStart - start, valueEnd - start);
    return true;
  }

  #refuse(failure: Failure): false {
    this.failure = failure;
    return false;
  }

  #fail(failure: Failure): 'failed' {
    this.failure = failure;
    return 'failed';
  }
}

function fieldsOf(text: string, marks: readonly number[], from: number): string[] {
  const fields: string[] = [];
  for (let i = from; i < marks.length; i += 4) {
    fields.push(text.slice(marks[i], marks[i + 1]), text.slice(marks[i + 2], marks[i + 3]));
  }
  return fields;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}
