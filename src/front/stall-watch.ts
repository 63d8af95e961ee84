import type { Socket } from 'node:net';

/**
 * Ends connections on which nothing moves: a client that takes nothing of its answer has a time for it, and so has one
 * that is silent while it is not read, since it cannot be seen to leave. Progress, however slow, begins the time anew.
 */
export class StallWatch {
  readonly #socket: Socket;
  readonly #limitMs: number;
  #isBlocked = false;
  #isUnread = false;
  #blockedAt = 0;

  /** `limitMs`: 0 for ever. */
  constructor(socket: Socket, limitMs: number) {
    this.#socket = socket;
    this.#limitMs = limitMs;
    socket.on('timeout', this.#onTimeout);
  }

  /** The client takes nothing. */
  blocked(): void {
    if (!this.#isBlocked) this.#blockedAt = performance.now();
    this.#isBlocked = true;
    this.#watch();
  }

  /** It has taken all there was. */
  taken(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#watch();
  }

  /** How long it has been taking what it was given last, ms. */
  blockedMs(now: number): number {
    return this.#isBlocked ? now - this.#blockedAt : 0;
  }

  /** Whether the client is not read. */
  unread(isUnread: boolean): void {
    this.#isUnread = isUnread;
    this.#watch();
  }

  /** The socket is someone else's from here on. */
  release(): void {
    this.#socket.off('timeout', this.#onTimeout);
    this.#socket.setTimeout(0);
  }

  #watch(): void {
    this.#socket.setTimeout(this.#isBlocked || this.#isUnread ? this.#limitMs : 0);
  }

  readonly #onTimeout = (): void => {
    if (this.#isBlocked || this.#isUnread) this.#socket.destroy();
  };
}
