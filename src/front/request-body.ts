import type { IncomingMessage } from 'node:http';
import type { BodyReceiver, RequestBody } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';

/** A request's body as a front keeps it: the port for the handler, and what the connection needs of it. */
export interface FrontBody extends RequestBody {
  /** Every byte of it was read off the connection, or there is none. */
  readonly isComplete: boolean;
  /** Somebody reads it. */
  readonly isRead: boolean;
  /** It was cut short, or came too slowly: the connection can't be read on. */
  readonly isBroken: boolean;
  /** No more will come: tells the receiver, or whoever begins to read. */
  fail(failure: Failure): void;
  /** The answer is over: hands nothing on any more; calls back once the rest was read off, or is too much to read. */
  discard(limits: DiscardLimits, done: (isClean: boolean) => void): void;
}

/** How much of an unread body is worth reading to keep a connection. */
export interface DiscardLimits {
  readonly bytes: number;
  readonly ms: number;
}

/** What a body is made of. */
export interface BodySource {
  readonly request: IncomingMessage;
  readonly length: number | null;
  /** Between two pieces, while somebody is willing to read. */
  readonly timeoutMs: number;
  /** Calls into the handler's code, guarded. */
  call(callback: () => void): void;
}

/** The body of a request that node:http reads. */
export class NodeRequestBody implements FrontBody {
  readonly length: number | null;
  readonly #source: BodySource;
  #receiver: BodyReceiver | null = null;
  #isRead = false;
  #failure: Failure | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(source: BodySource) {
    this.#source = source;
    this.length = source.length;
  }

  get isComplete(): boolean {
    return this.length === 0 || this.#source.request.complete;
  }

  get isRead(): boolean {
    return this.#isRead;
  }

  get isBroken(): boolean {
    return this.#failure !== null;
  }

  read(receiver: BodyReceiver): void {
    if (this.#isRead) throw new Error('a body is read once');
    this.#isRead = true;
    this.#receiver = receiver;
    if (this.length === 0 || this.#failure !== null) {
      this.#receiver = null;
      if (this.#failure === null) receiver.end([]);
      else receiver.fail(this.#failure);
      return;
    }
    const { request, call } = this.#source;
    request.on('data', (bytes: Buffer) => {
      this.#timer?.refresh();
      if (this.#receiver !== null) call(() => this.#receiver?.chunk(bytes));
    });
    request.on('end', () => this.#end());
    this.#arm();
  }

  pause(): void {
    if (this.#receiver === null) return;
    this.#disarm();
    this.#source.request.pause();
  }

  resume(): void {
    if (this.#receiver === null) return;
    this.#arm();
    this.#source.request.resume();
  }

  fail(failure: Failure): void {
    this.#failure ??= failure;
    const receiver = this.#letGo();
    if (receiver !== null) this.#source.call(() => receiver.fail(failure));
  }

  discard(limits: DiscardLimits, done: (isClean: boolean) => void): void {
    this.#letGo();
    const { request } = this.#source;
    request.removeAllListeners('data');
    if (this.isComplete || this.#failure !== null) {
      request.resume();
      done(this.#failure === null);
      return;
    }
    let left = limits.bytes;
    const finish = (isClean: boolean): void => {
      clearTimeout(timer);
      request.off('data', count).off('end', onEnd);
      done(isClean);
    };
    const count = (bytes: Buffer): void => {
      left -= bytes.length;
      if (left < 0) finish(false);
    };
    const onEnd = (): void => finish(true);
    const timer = setTimeout(() => finish(false), limits.ms);
    request.on('data', count).on('end', onEnd);
    request.resume();
  }

  #end(): void {
    const receiver = this.#letGo();
    if (receiver !== null) this.#source.call(() => receiver.end(this.#source.request.rawTrailers));
  }

  #letGo(): BodyReceiver | null {
    const receiver = this.#receiver;
    this.#receiver = null;
    this.#disarm();
    return receiver;
  }

  #arm(): void {
    this.#disarm();
    const { timeoutMs } = this.#source;
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.fail('request_timeout'), timeoutMs);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** The body of an exchange that has none. */
export class NoBody implements FrontBody {
  readonly length = 0;
  readonly isComplete = true;
  readonly isBroken = false;
  isRead = false;

  read(receiver: BodyReceiver): void {
    this.isRead = true;
    receiver.end([]);
  }

  pause(): void {}

  resume(): void {}

  fail(): void {}

  discard(_limits: DiscardLimits, done: (isClean: boolean) => void): void {
    done(true);
  }
}
