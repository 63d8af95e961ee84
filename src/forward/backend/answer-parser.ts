import type { HeaderList } from '../../model/header-list.ts';
import { AnswerFields } from './answer-fields.ts';
import { type Framing, readFraming } from './answer-framing.ts';
import { FieldError, parseFields } from './field-parser.ts';
import { ParsedHead } from './parsed-head.ts';
import { faultOfSwitch } from './protocol-switch.ts';
import { readStatusLine, type StatusLine } from './status-line.ts';

/**
 * Reads HTTP/1.1 answers off a backend's connection, bytes in, events out, strictly (RFC 9112): what the RFC forbids,
 * or allows two readings of, is an AnswerError, since a guess here would hand one client's bytes to another.
 *
 *   idle ─begin()─▶ head ─▶ length | chunk… | close | (none) ─▶ done ─begin()─▶ …
 *                    ▲ │1xx                  └ 101 ▶ tunnel
 *                    └─┘
 *
 * Chunks are slices of what came in, never copies. Bytes after the end are not read: `feed` returns how many it took,
 * and a connection with bytes left over is not used again.
 */

/** A backend broke HTTP: the failure `bad_response`. The message says how, for the log. */
export class AnswerError extends Error {}

/** What a parser tells. `pause` between events is the reader's affair: the parser goes on to the end of what it has. */
export interface AnswerEvents {
  informational(status: number, reason: string, headers: HeaderList): void;
  head(head: ParsedHead): void;
  chunk(bytes: Buffer): void;
  /** The answer is complete. */
  end(trailers: HeaderList): void;
}

/** What an answer may at most be. */
export interface AnswerLimits {
  /** Bytes of a head, or of trailers. */
  readonly maxHeadBytes: number;
  readonly maxFields: number;
  /** Informational answers before the final one. */
  readonly maxInformational: number;
}

/** Far above what honest backends send. */
export const ANSWER_LIMITS: AnswerLimits = {
  maxHeadBytes: 128 * 1024,
  maxFields: 1000,
  maxInformational: 32,
};

/** A chunk-size line: digits, extensions and all. Longer lines are an attack on whoever parses them. */
const MAX_CHUNK_LINE = 1024;
const CRLFCRLF = Buffer.from('\r\n\r\n');
const CRLF = Buffer.from('\r\n');
const LF = 10;
const CR = 13;
const EMPTY = Buffer.alloc(0);

type State =
  | 'idle'
  | 'head'
  | 'length'
  | 'close'
  | 'chunk_line'
  | 'chunk_data'
  | 'chunk_end'
  | 'trailers'
  | 'done'
  | 'tunnel';

/** Reads the answers of one connection, one at a time. */
export class AnswerParser {
  private state: State = 'idle';
  private requestMethod = '';
  /** The protocols that were offered, as their field has them; null: none. */
  private offer: string | null = null;
  private informationals = 0;
  private remaining = 0;
  /** Bytes of an unfinished head, chunk line or trailer section. */
  private held: Buffer = EMPTY;
  private readonly events: AnswerEvents;
  private readonly limits: AnswerLimits;

  constructor(events: AnswerEvents, limits: AnswerLimits = ANSWER_LIMITS) {
    this.events = events;
    this.limits = limits;
  }

  /** Expects the answer to a request that is about to be sent. `offer`: its field Upgrade. */
  begin(requestMethod: string, offer: string | null): void {
    this.requestMethod = requestMethod;
    this.offer = offer;
    this.informationals = 0;
    this.held = EMPTY;
    this.state = 'head';
  }

  /** The answer was complete, and nothing is expected. */
  get isDone(): boolean {
    return this.state === 'done' || this.state === 'idle';
  }

  /**
   * Reads bytes and returns how many it took: all of them, but after the end of an answer or the head of a 101.
   * @throws AnswerError when the answer is malformed; the connection must be closed.
   */
  feed(bytes: Buffer): number {
    const input = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const before = this.held.length;
    this.held = EMPTY;
    let at = 0;
    while (at < input.length) {
      const next = this.step(input, at);
      if (next === at) break;
      at = next;
    }
    if (!this.isDone && this.state !== 'tunnel' && at < input.length) {
      // An unfinished line or head: kept as a copy, so that a few bytes don't hold a whole read buffer.
      this.held = Buffer.from(input.subarray(at));
      at = input.length;
    }
    return at - before;
  }

  /**
   * The backend closed its side. Ends an answer that is delimited by closing.
   * @throws AnswerError when the answer is not whole.
   */
  finish(): void {
    if (this.state === 'close') {
      this.state = 'done';
      this.events.end([]);
    } else if (!this.isDone) {
      throw new AnswerError('the connection was closed in the middle of an answer');
    }
  }

  /** One state's worth of `input` from `at`; returns where it stopped, `at` itself if it needs more bytes. */
  private step(input: Buffer, at: number): number {
    switch (this.state) {
      case 'head':
        return this.readHead(input, at);
      case 'length':
      case 'chunk_data':
        return this.readCounted(input, at);
      case 'close':
        this.events.chunk(at === 0 ? input : input.subarray(at));
        return input.length;
      case 'chunk_line':
        return this.readChunkLine(input, at);
      case 'chunk_end':
        return this.readChunkEnd(input, at);
      case 'trailers':
        return this.readTrailers(input, at);
      default:
        return at;
    }
  }

  private readHead(input: Buffer, at: number): number {
    const end = input.indexOf(CRLFCRLF, at);
    const size = (end === -1 ? input.length : end) - at;
    if (size > this.limits.maxHeadBytes) throw new AnswerError('the head is too large');
    if (end === -1) {
      rejectEarly(input, at);
      return at;
    }
    const head = this.parseHead(input.toString('latin1', at, end + 2));
    const next = end + 4;
    if (head.line.status >= 200 || head.line.status === 101) this.acceptFinal(head);
    else this.acceptInformational(head);
    return next;
  }

  /** @param text The head, with the CRLF of its last line. */
  private parseHead(text: string): HeadText {
    const lineEnd = text.indexOf('\r\n');
    const line = readStatusLine(text.slice(0, lineEnd));
    if (line === null) throw new AnswerError('malformed status line');
    return { text, start: lineEnd + 2, line };
  }

  private fields(text: string, start: number): string[] {
    try {
      return parseFields(text, this.limits.maxFields, start);
    } catch (error) {
      if (error instanceof FieldError) throw new AnswerError(error.message);
      throw error;
    }
  }

  private acceptInformational({ line, text, start }: HeadText): void {
    this.informationals += 1;
    if (this.informationals > this.limits.maxInformational)
      throw new AnswerError('too many informational answers');
    this.events.informational(line.status, line.reason, this.fields(text.slice(0, -2), start));
  }

  private acceptFinal({ line, text, start }: HeadText): void {
    const { status, minorVersion } = line;
    const fields = this.scan(text, start);
    if (status === 101) {
      const head = new ParsedHead({ text, start, line, fields }, null, false);
      const fault = faultOfSwitch(head.headers, this.offer);
      if (fault !== null) throw new AnswerError(fault);
      this.state = 'tunnel';
      this.events.head(head);
      return;
    }
    const framing: Framing = readFraming({ status, minorVersion, fields }, this.requestMethod);
    if (framing.kind === 'error') throw new AnswerError(framing.message);
    this.remaining = framing.kind === 'length' ? framing.length : 0;
    this.state = BODY_STATE[framing.kind];
    if (framing.kind === 'length' && framing.length === 0) this.state = 'done';
    const bodyLength = framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : null;
    const isDone = this.state === 'done';
    this.events.head(new ParsedHead({ text, start, line, fields }, bodyLength, framing.keepAlive));
    if (isDone) this.events.end([]);
  }

  private scan(text: string, start: number): AnswerFields {
    try {
      return new AnswerFields(text, start, this.limits.maxFields);
    } catch (error) {
      if (error instanceof FieldError) throw new AnswerError(error.message);
      throw error;
    }
  }

  private readCounted(input: Buffer, at: number): number {
    const end = Math.min(input.length, at + this.remaining);
    this.remaining -= end - at;
    const isLast = this.remaining === 0;
    if (isLast) this.state = this.state === 'length' ? 'done' : 'chunk_end';
    const isEnd = isLast && this.state === 'done';
    this.events.chunk(at === 0 && end === input.length ? input : input.subarray(at, end));
    if (isEnd) this.events.end([]);
    return end;
  }

  private readChunkLine(input: Buffer, at: number): number {
    const lf = input.indexOf(LF, at);
    if ((lf === -1 ? input.length : lf) - at > MAX_CHUNK_LINE)
      throw new AnswerError('a chunk-size line is too long');
    if (lf === -1) return at;
    const line = input.toString('latin1', at, lf);
    // chunk-ext in full grammar is not needed: nothing of it is forwarded; control characters are refused.
    const size = /^([0-9a-fA-F]{1,16})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?\r$/.exec(line);
    if (size === null) throw new AnswerError('malformed chunk size');
    this.remaining = Number.parseInt(size[1] as string, 16);
    if (!Number.isSafeInteger(this.remaining)) throw new AnswerError('a chunk is too large');
    this.state = this.remaining === 0 ? 'trailers' : 'chunk_data';
    return lf + 1;
  }

  private readChunkEnd(input: Buffer, at: number): number {
    if (input.length - at < 2) {
      if (input.length > at && input[at] !== CR) throw new AnswerError('a chunk is longer than its size');
      return at;
    }
    if (input[at] !== CR || input[at + 1] !== LF) throw new AnswerError('a chunk is longer than its size');
    this.state = 'chunk_line';
    return at + 2;
  }

  private readTrailers(input: Buffer, at: number): number {
    if (input.length - at >= 2 && input[at] === CR && input[at + 1] === LF)
      return this.endChunked([], at + 2);
    const end = input.indexOf(CRLFCRLF, at);
    if ((end === -1 ? input.length : end) - at > this.limits.maxHeadBytes)
      throw new AnswerError('the trailers are too large');
    if (end === -1) return at;
    return this.endChunked(this.fields(input.toString('latin1', at, end), 0), end + 4);
  }

  private endChunked(trailers: string[], next: number): number {
    this.state = 'done';
    this.events.end(trailers);
    return next;
  }
}

interface HeadText {
  readonly text: string;
  /** Where the fields begin. */
  readonly start: number;
  readonly line: StatusLine;
}

const BODY_STATE = { none: 'done', length: 'length', chunked: 'chunk_line', close: 'close' } as const;

/** Ends a wait that no more bytes can mend: an answer that does not begin like one, or a head with a bare LF. */
function rejectEarly(input: Buffer, at: number): void {
  const start = input.toString('latin1', at, Math.min(at + 7, input.length));
  if (!'HTTP/1.'.startsWith(start)) throw new AnswerError('not an HTTP/1 answer');
  const lf = input.indexOf(LF, at);
  if (lf > at && input[lf - 1] !== CR) throw new AnswerError('bare LF in the head');
  if (lf === -1 && input.indexOf(CRLF, at) === -1 && input.length - at > 8192)
    throw new AnswerError('endless status line');
}
