/** A client of one event stream: counts events, and of what it reads last in a piece how long it was on its way. */
import type { Socket } from 'node:net';
import { EVENT_BYTES, EVENT_TIME, sharedClock } from '../backend/event-streams.ts';
import { AnswerReader } from './answer-reader.ts';
import type { ClientSetting, LoadClient } from './load-client.ts';
import { openSocket } from './open-socket.ts';

/** Prepared when its first event came. */
export class StreamClient implements LoadClient {
  readonly #setting: ClientSetting;
  readonly #reader = new AnswerReader();
  #socket: Socket | null = null;
  /** Bytes of events that are counted already; null: none count yet. */
  #counted: number | null = null;
  #ready: (() => void) | null = null;
  #stopped: () => void = () => {};

  constructor(setting: ClientSetting) {
    this.#setting = setting;
  }

  prepare(): Promise<void> {
    const { plan, buffer, request } = this.#setting;
    return new Promise((resolve) => {
      this.#ready = resolve;
      this.#socket = openSocket(plan.port, buffer, {
        read: (bytes) => this.#read(bytes),
        lost: (why) => this.#lost(why),
      });
      this.#socket.write(request);
    });
  }

  run(): Promise<void> {
    this.#counted = this.#reader.bodyBytes - (this.#reader.bodyBytes % EVENT_BYTES);
    return new Promise((resolve) => {
      this.#stopped = resolve;
      if (this.#socket === null) resolve();
    });
  }

  stop(): void {
    this.#counted = null;
    this.#stopped();
  }

  close(): void {
    if (this.#ready) this.#setting.tally.failed('no event in time');
    this.#end();
  }

  #read(bytes: Buffer): void {
    if (this.#socket === null) return;
    const progress = this.#reader.push(bytes);
    const { status, bodyBytes } = this.#reader;
    const right = status === 0 || status === this.#setting.plan.expect.status;
    if (progress !== 'more') this.#lost('the stream ended');
    else if (!right) this.#lost(`status ${status}`);
    else if (bodyBytes >= EVENT_BYTES) this.#count(bytes, bodyBytes);
  }

  #count(bytes: Buffer, bodyBytes: number): void {
    this.#prepared();
    if (this.#counted === null) return;
    const events = Math.floor((bodyBytes - this.#counted) / EVENT_BYTES);
    if (events === 0) return;
    this.#counted += events * EVENT_BYTES;
    const at = bytes.lastIndexOf(EVENT_TIME.mark) + EVENT_TIME.mark.length;
    const sent = Number(bytes.toString('latin1', at, at + EVENT_TIME.digits));
    const tookMs = (sharedClock() - sent) / 1_000;
    for (let i = 0; i < events; i++) this.#setting.tally.answered(performance.now(), tookMs);
  }

  #prepared(): void {
    this.#ready?.();
    this.#ready = null;
  }

  #lost(why: string): void {
    if (this.#socket === null) return;
    this.#setting.tally.failed(why);
    this.#end();
  }

  #end(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
    this.#prepared();
    this.#stopped();
  }
}
