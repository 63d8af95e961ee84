/** A client on one connection: asks, waits for the whole answer, checks it, asks again. */
import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { LoadPlan } from './load-plan.ts';
import type { Tally } from './tally.ts';

/** After a failure, so that a peer that is down is not asked a million times. */
const PAUSE_MS = 10;

/** What all connections of a load process share. */
export interface ClientSetting {
  readonly plan: LoadPlan;
  readonly tally: Tally;
  /** Head and body together, written at once. */
  readonly request: Buffer;
  /** Bytes are read into it by all connections in turn: nothing is allocated per read. */
  readonly buffer: Buffer;
}

/** Asks once to be `ready`, so that connections on both sides of the proxy are there; then on `go` until `stop`. */
export class RequestClient {
  readonly #setting: ClientSetting;
  #socket: Socket | null = null;
  #reader = new AnswerReader();
  #askedAt = 0;
  #waiting = false;
  #running = false;
  #idle: () => void = () => {};
  #timer: NodeJS.Timeout | null = null;

  constructor(setting: ClientSetting) {
    this.#setting = setting;
  }

  /** Resolves when the first answer is there, right or wrong. */
  prepare(): Promise<void> {
    return this.#untilIdle(() => this.#ask());
  }

  /** Resolves when it was told to stop and nothing is in flight. */
  run(): Promise<void> {
    this.#running = true;
    return this.#untilIdle(() => this.#ask());
  }

  /** No more requests after this one. */
  stop(): void {
    this.#running = false;
  }

  /** Ends at once; what is in flight has failed. */
  close(): void {
    this.#running = false;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#waiting) this.#fail('no whole answer in time');
    this.#socket?.destroy();
    this.#idle();
  }

  #untilIdle(begin: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      begin();
    });
  }

  #ask(): void {
    this.#waiting = true;
    this.#askedAt = performance.now();
    this.#socket ??= this.#open();
    this.#socket.write(this.#setting.request);
  }

  #open(): Socket {
    this.#reader = new AnswerReader();
    const { plan, buffer } = this.#setting;
    const socket = connect({
      port: plan.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (read) => {
          if (socket === this.#socket) this.#read(buffer.subarray(0, read));
          return true;
        },
      },
    });
    socket.on('error', (error) => this.#lost(socket, error.message));
    socket.on('close', () => this.#lost(socket, 'connection closed'));
    return socket;
  }

  #read(bytes: Buffer): void {
    const progress = this.#reader.push(bytes);
    if (progress === 'more') return;
    const { expect } = this.#setting.plan;
    const { status, bodyBytes } = this.#reader;
    if (progress === 'broken' || !this.#waiting)
      return this.#lost(this.#socket, 'an answer that cannot be read');
    if (status !== expect.status || bodyBytes !== expect.bytes)
      return this.#lost(this.#socket, `status ${status} with ${bodyBytes} bytes`);
    this.#waiting = false;
    this.#setting.tally.answered(performance.now(), this.#askedAt);
    if (this.#reader.closes || this.#setting.plan.kind === 'connections') this.#drop();
    this.#next();
  }

  #next(): void {
    if (this.#running) this.#ask();
    else this.#idle();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }

  /** A connection that ends while nothing is asked has not failed: the next request opens another. */
  #lost(socket: Socket | null, why: string): void {
    if (socket === null || socket !== this.#socket) return;
    this.#drop();
    if (!this.#waiting) return;
    this.#fail(why);
    this.#timer = setTimeout(() => this.#next(), PAUSE_MS);
  }

  #fail(why: string): void {
    this.#waiting = false;
    this.#setting.tally.failed(why);
  }
}
