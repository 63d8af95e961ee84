/** A client on one connection: asks, waits for the whole answer, checks it, asks again. */
import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { ClientSetting, LoadClient } from './load-client.ts';
import { openSocket } from './open-socket.ts';

/** After a failure, so that a peer that is down is not asked a million times. */
const PAUSE_MS = 10;

/** Keeps its connection, or opens a new one for each request where the plan says so. */
export class RequestClient implements LoadClient {
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

  prepare(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = resolve;
      this.#ask();
    });
  }

  run(): Promise<void> {
    this.#running = true;
    return this.prepare();
  }

  stop(): void {
    this.#running = false;
  }

  close(): void {
    this.#running = false;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#waiting) this.#fail('no whole answer in time');
    this.#drop();
    this.#idle();
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
    const socket: Socket = openSocket(plan.port, buffer, {
      read: (bytes) => {
        if (socket === this.#socket) this.#read(bytes);
      },
      lost: (why) => {
        if (socket === this.#socket) this.#lost(why);
      },
    });
    return socket;
  }

  #read(bytes: Buffer): void {
    const progress = this.#reader.push(bytes);
    if (progress === 'more') return;
    const { expect } = this.#setting.plan;
    const { status, bodyBytes } = this.#reader;
    if (progress === 'broken' || !this.#waiting) this.#lost('an answer that cannot be read');
    else if (status !== expect.status || bodyBytes !== expect.bytes)
      this.#lost(`status ${status} with ${bodyBytes} bytes`);
    else this.#answered();
  }

  #answered(): void {
    this.#waiting = false;
    const now = performance.now();
    this.#setting.tally.answered(now, now - this.#askedAt);
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
  #lost(why: string): void {
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
