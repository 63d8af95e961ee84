/**
 * Many event streams: each gets a small event so many times a second, not all at the same moment. An event says when
 * it was sent, on the clock that all processes of a machine share.
 */
import type { Socket } from 'node:net';

/** Of each stream. */
export const EVENTS_PER_SECOND = 20;

/** Of each event, whatever it says. */
export const EVENT_BYTES = 64;

/** Where the time of sending stands in an event: microseconds, in so many digits. */
export const EVENT_TIME = { mark: '"at":', digits: 16 } as const;

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n';
const GROUPS = 10;

/** Monotonic time in microseconds, the same in all processes. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** One event, whole. */
export function eventAt(microseconds: number): string {
  const at = String(microseconds).padStart(EVENT_TIME.digits, '0');
  const begin = `event: tick\ndata: {${EVENT_TIME.mark}${at},"text":"`;
  return `${begin}${'e'.repeat(EVENT_BYTES - begin.length - 4)}"}\n\n`;
}

/** All streams that are open. The timer runs while there are any. */
export class EventStreams {
  readonly #groups: readonly Set<Socket>[] = Array.from({ length: GROUPS }, () => new Set<Socket>());
  #timer: NodeJS.Timeout | null = null;
  #opened = 0;
  #turn = 0;

  /** From now on the socket gets events, until it closes. */
  add(socket: Socket): void {
    socket.write(HEAD);
    const group = this.#groups[this.#opened++ % GROUPS];
    group?.add(socket);
    socket.once('close', () => group?.delete(socket));
    this.#timer ??= setInterval(() => this.#tick(), 1_000 / EVENTS_PER_SECOND / GROUPS);
  }

  #tick(): void {
    const event = eventAt(sharedClock());
    const chunk = `${EVENT_BYTES.toString(16)}\r\n${event}\r\n`;
    for (const socket of this.#groups[this.#turn++ % GROUPS] ?? []) socket.write(chunk, 'latin1');
    if (this.#timer === null || this.#groups.some((group) => group.size > 0)) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
