import type { BodyReceiver, RequestBody } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { HeldBytes } from '../model/held-bytes.ts';
import { passableRequestTrailers } from './hop-by-hop.ts';

/**
 * The client's body on its way to the attempt in force. It is read once and only when an attempt is ready for it; its
 * beginning is kept while the request may have to be sent again, so that a second attempt gets every byte.
 */

/** Where the body goes: one attempt. */
export interface BodySink {
  /** False: no more until the relay's `resume`. */
  bodyChunk(bytes: Buffer): boolean;
  bodyEnd(trailers: HeaderList): void;
}

/** How much may come, and how much of it is kept. */
export interface BodyLimits {
  /** Bytes; null: unlimited. Beyond it the relay fails with `body_too_large`. */
  readonly maxBody: number | null;
  /** Bytes kept for a second sending; 0: none. */
  readonly keepBytes: number;
  /** What everyone holds together. Default: not counted. */
  readonly heldBytes?: HeldBytes | undefined;
}

/** A client's body on its way to whichever attempt is in force. */
export class BodyRelay implements BodyReceiver {
  /** Bytes read from the client. */
  bytes = 0;
  private kept: Buffer[] = [];
  private keptBytes = 0;
  /** All that was read is kept. */
  private isWhole = true;
  private sink: BodySink | null = null;
  private hasStarted = false;
  private trailers: HeaderList | null = null;
  private mayKeep = true;
  private readonly body: RequestBody;
  private readonly limits: BodyLimits;
  private readonly onFail: (failure: Failure) => void;

  constructor(body: RequestBody, limits: BodyLimits, onFail: (failure: Failure) => void) {
    this.body = body;
    this.limits = limits;
    this.onFail = onFail;
  }

  /** A new attempt would get the body from its first byte. */
  get isReplayable(): boolean {
    return this.isWhole;
  }

  /** Some of it was asked for, and is still to come. */
  get isComing(): boolean {
    return this.hasStarted && this.trailers === null;
  }

  /** Sends what is kept, then what comes. */
  attach(sink: BodySink): void {
    this.sink = sink;
    let isOpen = true;
    for (const bytes of this.kept) isOpen = sink.bodyChunk(bytes) && isOpen;
    if (this.trailers !== null) sink.bodyEnd(this.trailers);
    else if (!this.hasStarted) this.start();
    else if (isOpen) this.body.resume();
    if (!isOpen) this.body.pause();
  }

  /** This attempt is over. What still comes before another is attached is kept. */
  detach(sink: BodySink): void {
    // Another may have taken its place while the rest of its answer was read.
    if (this.sink !== sink) return;
    this.sink = null;
    if (this.trailers === null) this.body.pause();
  }

  /** No second sending will follow: what was kept is let go. */
  stopKeeping(): void {
    this.isWhole = this.isWhole && this.keptBytes === 0 && this.bytes === 0;
    this.letGo();
    this.mayKeep = false;
  }

  /** The attempt takes more again. */
  resume(): void {
    if (this.sink !== null && this.trailers === null) this.body.resume();
  }

  chunk(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (this.limits.maxBody !== null && this.bytes > this.limits.maxBody) {
      this.onFail('body_too_large');
      return;
    }
    this.keep(bytes);
    if (this.sink !== null && !this.sink.bodyChunk(bytes)) this.body.pause();
  }

  end(trailers: HeaderList): void {
    this.trailers = passableRequestTrailers(trailers);
    this.sink?.bodyEnd(this.trailers);
  }

  fail(failure: Failure): void {
    this.onFail(failure);
  }

  private start(): void {
    this.hasStarted = true;
    this.body.read(this);
  }

  private keep(bytes: Buffer): void {
    if (!this.isWhole) return;
    const { keepBytes, heldBytes } = this.limits;
    const fits = this.mayKeep && this.keptBytes + bytes.length <= keepBytes;
    // Bytes that come between two attempts have no other place to be.
    if (this.sink === null) heldBytes?.hold(bytes.length);
    else if (!fits || heldBytes?.take(bytes.length) === false) {
      this.letGo();
      this.isWhole = false;
      return;
    }
    this.kept.push(Buffer.from(bytes));
    this.keptBytes += bytes.length;
  }

  private letGo(): void {
    this.limits.heldBytes?.giveBack(this.keptBytes);
    this.kept = [];
    this.keptBytes = 0;
  }
}
