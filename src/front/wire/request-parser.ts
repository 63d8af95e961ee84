import type { Failure } from '../../model/failure.ts';
import type { RawHead } from '../admit.ts';
import type { ByteReader } from '../byte-reader.ts';
import { MAX_CHUNK_LINE, readChunkLine, readOneDigit } from './chunk-line.ts';
import { type HeadLimits, HeadReader } from './head-reader.ts';

/**
 * Reads HTTP/1.1 requests off bytes that come in any pieces: `give` it bytes, then ask `next` until it says `more`.
 * It knows framing and nothing else; what a head means, and how long its body is, its owner tells (`beginBody`).
 *
 *   head ─beginBody()─▶ length | chunk line ─▶ chunk data … ─▶ trailers ─▶ head …
 *
 * It reads on only when it is asked: bytes that nobody wants yet (a body before anybody reads it, a request behind one
 * that is not answered) stay here as they came. Chunks are slices of what came in; only small ones that came together
 * are copied into one, since each piece costs more on its way than its bytes do.
 */

/** What was read: `more` bytes are needed, or the value of that name is there. After `failed` nothing is read. */
export type Step = 'more' | 'head' | 'chunk' | 'end' | 'failed';

type State = 'head' | 'length' | 'chunk_line' | 'chunk_data' | 'chunk_end' | 'trailers' | 'ended' | 'failed';

const EMPTY = Buffer.alloc(0);
const NO_TRAILERS: readonly string[] = [];
const CR = 13;
const LF = 10;
/** From this size on a chunk goes on by itself. */
const LARGE_BYTES = 4 * 1024;
/** Small chunks are put together up to this. */
const JOINED_BYTES = 16 * 1024;
/** Bytes of chunk extensions in one body: they carry nothing, and cost the reader. */
const MAX_EXTENSION_BYTES = 16 * 1024;

/** Reads the requests of one connection, one after the other. */
export class RequestParser {
  /** After `chunk`, until `end`. */
  chunk: Buffer = EMPTY;
  /** After `end`. */
  trailers: readonly string[] = NO_TRAILERS;
  /** After `failed`. */
  failure: Failure = 'malformed_request';
  /** After `head`. */
  #head: RawHead | null = null;
  readonly #reader: HeadReader;
  #state: State = 'head';
  #input: Buffer = EMPTY;
  #isBorrowed = false;
  #at = 0;
  /** Of the body by its length, or of the chunk. */
  #remaining = 0;
  #extensionBytes = 0;
  #hasSkippedLine = false;
  #hasFailedInHead = false;

  constructor(limits: HeadLimits) {
    this.#reader = new HeadReader(limits);
    this.#reader.begin(false);
  }

  /** Bytes that are not read yet. */
  get unread(): number {
    return this.#input.length - this.#at;
  }

  /** A message was begun: bytes of a head have come, or its body is not at its end. An empty line before it is none. */
  get hasBegun(): boolean {
    return this.#state !== 'head' || this.unread > 0;
  }

  /** What is known of a head that is not whole, or that failed. */
  get partialHead(): RawHead | null {
    const isHead = this.#state === 'head' || (this.#state === 'failed' && this.#hasFailedInHead);
    return isHead ? this.#reader.partialHead(this.#input, this.#at) : null;
  }

  /** After `head`: hands it over. */
  takeHead(): RawHead {
    const head = this.#head as RawHead;
    this.#head = null;
    return head;
  }

  /** Takes bytes in, which are the giver's again at `own`. */
  give(bytes: Buffer): void {
    this.#isBorrowed = this.unread === 0;
    this.#input = this.#isBorrowed ? bytes : Buffer.concat([this.#input.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  /** What is not read yet is copied, if it was not: of the bytes that were given nothing is used any more. */
  own(reader?: Pick<ByteReader, 'copyOf'>): void {
    if (!this.#isBorrowed || this.unread === 0) return;
    const rest = this.#input.subarray(this.#at);
    this.#input = reader === undefined ? Buffer.from(rest) : reader.copyOf(rest);
    this.#at = 0;
    this.#isBorrowed = false;
  }

  /** Keeps nothing of the heads before. */
  forget(): void {
    this.#reader.forget();
  }

  /** After a head: its body begins here. `null`: chunked. Of a body of 0 bytes there is no `end`. */
  beginBody(length: number | null): void {
    this.#remaining = length ?? 0;
    this.#extensionBytes = 0;
    if (length === 0) this.#beginHead();
    else this.#state = length === null ? 'chunk_line' : 'length';
  }

  /** Hands over what is not read, and forgets it. */
  takeUnread(): Buffer {
    const rest = this.#input.subarray(this.#at);
    this.#input = EMPTY;
    this.#at = 0;
    return rest;
  }

  /** Reads on, up to one thing. */
  next(): Step {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'length':
      case 'chunk_data':
        return this.#readData();
      case 'chunk_line':
      case 'chunk_end':
        return this.#readFraming() ?? this.next();
      case 'trailers':
        return this.#readTrailers();
      case 'ended':
        return this.#end(NO_TRAILERS);
      default:
        return 'failed';
    }
  }

  #readHead(): Step {
    if (!this.#hasSkippedLine && !this.#skipLine()) return 'more';
    if (this.unread === 0) return 'more';
    const progress = this.#reader.read(this.#input, this.#at);
    if (progress === 'more') return 'more';
    if (progress === 'failed') return this.#fail(this.#reader.failure);
    this.#head = this.#reader.head(this.#input, this.#at);
    this.#take(this.#reader.length);
    this.#reader.begin(false);
    return 'head';
  }

  /** RFC 9112 section 2.2: one empty line before a request is no part of it. False: it may be one, more must come. */
  #skipLine(): boolean {
    if (this.unread === 0) return false;
    if (this.#input[this.#at] === CR) {
      if (this.unread === 1) return false;
      if (this.#input[this.#at + 1] === LF) this.#take(2);
    }
    this.#hasSkippedLine = true;
    return true;
  }

  #readData(): Step {
    const { unread } = this;
    if (unread === 0) return 'more';
    const size = Math.min(unread, this.#remaining);
    this.chunk = this.#input.subarray(this.#at, this.#at + size);
    this.#take(size);
    this.#remaining -= size;
    if (this.#remaining > 0) return 'chunk';
    const isWhole = this.#state === 'length';
    this.#state = isWhole ? 'ended' : 'chunk_end';
    if (!isWhole && size < LARGE_BYTES && this.unread > 0) this.#joinSmall(this.chunk);
    return 'chunk';
  }

  /** Takes the small chunks that follow along with the first. Whatever else follows is found again by `next`. */
  #joinSmall(first: Buffer): void {
    let joined: Buffer | null = null;
    let length = first.length;
    while (this.#readFraming() === null && this.#state === 'chunk_data') {
      const size = this.#remaining;
      if (size >= LARGE_BYTES || size > this.unread || length + size > JOINED_BYTES) break;
      if (joined === null) {
        joined = Buffer.allocUnsafe(Math.min(JOINED_BYTES, length + this.unread));
        first.copy(joined);
      }
      length += this.#input.copy(joined, length, this.#at, this.#at + size);
      this.#take(size);
      this.#remaining = 0;
      this.#state = 'chunk_end';
    }
    if (joined !== null) this.chunk = joined.subarray(0, length);
  }

  /** Reads what stands between two chunks. null: the state tells what follows. */
  #readFraming(): 'more' | 'failed' | null {
    if (this.#state === 'chunk_end') {
      if (this.unread === 0) return 'more';
      if (this.#input[this.#at] !== CR) return this.#fail('malformed_request');
      if (this.unread === 1) return 'more';
      if (this.#input[this.#at + 1] !== LF) return this.#fail('malformed_request');
      this.#take(2);
      this.#state = 'chunk_line';
    }
    return this.#readChunkLine();
  }

  #readChunkLine(): 'more' | 'failed' | null {
    const digit = readOneDigit(this.#input, this.#at);
    if (digit !== -1) return this.#beginChunk(3, digit);
    const end = this.#input.indexOf(LF, this.#at);
    const length = (end === -1 ? this.#input.length : end) - this.#at;
    if (length > MAX_CHUNK_LINE + 1) return this.#fail('malformed_request');
    if (end === -1) return 'more';
    if (this.#input[end - 1] !== CR || length === 0) return this.#fail('malformed_request');
    const text = this.#input.toString('latin1', this.#at, end - 1);
    const size = readChunkLine(text);
    const extension = text.indexOf(';');
    if (extension !== -1) this.#extensionBytes += text.length - extension;
    if (size === -1 || this.#extensionBytes > MAX_EXTENSION_BYTES) return this.#fail('malformed_request');
    return this.#beginChunk(length + 1, size);
  }

  #beginChunk(lineLength: number, size: number): null {
    this.#take(lineLength);
    this.#remaining = size;
    this.#state = size === 0 ? 'trailers' : 'chunk_data';
    if (size === 0) this.#reader.begin(true);
    return null;
  }

  #readTrailers(): Step {
    const progress = this.#reader.read(this.#input, this.#at);
    if (progress === 'more') return 'more';
    if (progress === 'failed') return this.#fail(this.#reader.failure);
    const trailers = this.#reader.trailers(this.#input, this.#at);
    this.#take(this.#reader.length);
    return this.#end(trailers);
  }

  #end(trailers: readonly string[]): Step {
    this.trailers = trailers;
    this.#beginHead();
    return 'end';
  }

  #beginHead(): void {
    this.#state = 'head';
    this.#hasSkippedLine = false;
    this.chunk = EMPTY; // an idle connection holds on to none
    this.#reader.begin(false);
  }

  #fail(failure: Failure): 'failed' {
    this.#hasFailedInHead = this.#state === 'head';
    this.#state = 'failed';
    this.failure = failure;
    return 'failed';
  }

  /** What is read to its end is let go, so that an idle connection holds no buffer. */
  #take(length: number): void {
    this.#at += length;
    if (this.#at < this.#input.length) return;
    this.#input = EMPTY;
    this.#at = 0;
  }
}
