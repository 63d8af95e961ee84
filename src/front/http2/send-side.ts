import { COPIED_BYTES } from '../../model/exchange.ts';
import type { HeaderList } from '../../model/header-list.ts';
import { dataFrame, headerFrames } from '../../model/http2/frame-writer.ts';
import {
  type ErrorName,
  FIRST_FRAME_BYTES,
  MOST_31_BITS,
  SessionError,
} from '../../model/http2/http2-words.ts';
import type { AnswerOutput } from '../answer-output.ts';

/**
 * The sending side of one stream: as much of a body leaves as the client's windows and its socket take. What does not
 * stays here, and whoever sends is told to wait, so it is one piece that waits, and no more.
 */

/** What the streams of a connection share for sending. */
export interface SharedSending {
  readonly output: AnswerOutput;
  /** Bytes that all bodies together may still have. */
  window: number;
  /** A header block for the client, latin1. */
  encode(fields: HeaderList): string;
  /** A frame of a body went out. */
  dataSent(): void;
  /** The side has something that could not leave. */
  waits(side: SendSide): void;
  /** The stream was ended: its last frame is on its way. */
  sideEnded(side: SendSide): void;
}

/** Sends one stream's frames. */
export class SendSide {
  readonly id: number;
  /** Bytes that the client allows; below zero when it took some back. */
  window: number;
  /** The handler was told to wait; called when it may go on. */
  onDrain: (() => void) | null = null;
  /** The last frame is on its way, or nothing is sent any more. */
  isEnded = false;
  /** `performance.now()` at which the client last took some of what waits here. */
  movedAt = 0;
  /** Since when the piece waits that is next. */
  waitingSince = 0;
  readonly #shared: SharedSending;
  readonly #queue: Buffer[] = [];
  #isTold = false;
  /** What comes after the body: a block of trailers, '' for none; null: the body goes on. */
  #end: string | null = null;

  constructor(id: number, window: number, shared: SharedSending) {
    this.id = id;
    this.window = window;
    this.#shared = shared;
  }

  /** Bytes wait for the client's windows, or its socket. */
  get isWaiting(): boolean {
    return this.#queue.length > 0;
  }

  /** The client allows so many more bytes. Not null: the window cannot be opened so. */
  widen(bytes: number): ErrorName | null {
    if (bytes === 0) return 'PROTOCOL_ERROR';
    this.window += bytes;
    return this.window > MOST_31_BITS ? 'FLOW_CONTROL_ERROR' : null;
  }

  /** The first window of all streams changed (RFC 9113 section 6.9.2). @throws SessionError */
  shift(bytes: number): void {
    this.window += bytes;
    if (this.window > MOST_31_BITS)
      throw new SessionError('FLOW_CONTROL_ERROR', 'a window that is too large');
  }

  /** A head: informational ones too. `isEnd`: nothing follows it. */
  head(fields: HeaderList, isEnd: boolean): void {
    if (this.isEnded) return;
    this.#shared.output.write(headerFrames(this.id, this.#shared.encode(fields), isEnd));
    if (isEnd) this.#ended();
  }

  /** A piece of the body. False: no more until `onDrain`; a piece of more than COPIED_BYTES is lent until then. */
  data(bytes: Buffer): boolean {
    if (this.isEnded) return true;
    const rest = this.#queue.length === 0 ? this.#send(bytes) : bytes;
    if (rest.length > 0) this.#keep(rest.length <= COPIED_BYTES ? Buffer.from(rest) : rest);
    const isOpen = rest.length === 0 && !this.#shared.output.isBlocked;
    this.#isTold = !isOpen;
    if (!isOpen) this.#shared.waits(this);
    return isOpen;
  }

  /** The body is over. `last`: a piece that was kept for it, so that the end costs no frame of its own. */
  end(trailers: HeaderList, last: Buffer | null): void {
    if (this.isEnded || this.#end !== null) return;
    this.#end = trailers.length === 0 ? '' : this.#shared.encode(trailers);
    if (last !== null) this.#keep(last);
    else if (this.#queue.length === 0) this.#sendEnd();
    while (this.pump());
    if (this.#queue.length > 0) this.#shared.waits(this);
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.isEnded = true;
    this.#queue.length = 0;
  }

  /** Sends one frame more if it may. False: it has nothing, or must wait. */
  pump(): boolean {
    const [first] = this.#queue;
    if (first === undefined) return false;
    const size = this.#mayFrame(first);
    if (size === 0) return false;
    this.#frame(first.subarray(0, size), this.#queue.length === 1 && size === first.length);
    this.movedAt = performance.now();
    if (size < first.length) this.#queue[0] = first.subarray(size);
    else {
      this.#queue.shift();
      this.waitingSince = this.movedAt;
    }
    if (this.#queue.length === 0 && this.#end !== null && !this.isEnded) this.#sendEnd();
    return true;
  }

  /** Nothing waits any more, and the socket takes more: who was told to wait may go on. */
  drained(): void {
    if (!this.#isTold || this.#queue.length > 0) return;
    this.#isTold = false;
    this.onDrain?.();
  }

  #send(bytes: Buffer): Buffer {
    let rest = bytes;
    while (rest.length > 0) {
      const size = this.#mayFrame(rest);
      if (size === 0) break;
      this.#frame(rest.subarray(0, size), false);
      rest = rest.subarray(size);
    }
    return rest;
  }

  #keep(rest: Buffer): void {
    if (this.#queue.length === 0) {
      this.movedAt = performance.now();
      this.waitingSince = this.movedAt;
    }
    this.#queue.push(rest);
  }

  /** How much of this may leave in one frame now. */
  #mayFrame(bytes: Buffer): number {
    const { output, window } = this.#shared;
    if (output.isBlocked) return 0;
    return Math.max(0, Math.min(bytes.length, this.window, window, FIRST_FRAME_BYTES));
  }

  #frame(piece: Buffer, isLastHere: boolean): void {
    const isEnd = isLastHere && this.#end === '';
    this.window -= piece.length;
    this.#shared.window -= piece.length;
    this.#shared.output.write(dataFrame(this.id, piece, isEnd));
    this.#shared.dataSent();
    if (isEnd) this.#ended();
  }

  #sendEnd(): void {
    const end = this.#end as string;
    const { output } = this.#shared;
    output.write(end === '' ? dataFrame(this.id, NOTHING, true) : headerFrames(this.id, end, true));
    this.#ended();
  }

  #ended(): void {
    this.isEnded = true;
    this.#shared.sideEnded(this);
  }
}

const NOTHING = Buffer.alloc(0);
