import type { Held } from '../held.ts';

/** Connections that are looked at for one newcomer: a flood must not cost more than it brings. */
const LOOKS = 64;

/**
 * Who makes room when there are as many connections as there may be: the oldest that has no request under way, be it that
 * it idles, or that its head does not get done; if there is none, the oldest whose client keeps its request from ending,
 * by a body that hardly comes or an answer that it hardly takes. Who attacks by being slow loses its places to who comes
 * next, and a client that asks is served. Other requests are never ended for it.
 */
export class OldestFirst {
  readonly #open: ReadonlySet<Held>;
  /**
   * Goes round and round: each newcomer goes on where the last one stopped. It must not be kept when nobody comes: an
   * iterator that rests keeps everything that has left the set since.
   */
  #round: Iterator<Held> | null = null;

  constructor(open: ReadonlySet<Held>) {
    this.#open = open;
  }

  /** Lets go of where it stopped. Called now and then. */
  rest(): void {
    this.#round = null;
  }

  /** Ends one. False: none of those that were looked at can go. */
  makeRoom(): boolean {
    const now = performance.now();
    let slow: Held | null = null;
    for (let looks = 0; looks < LOOKS; looks++) {
      const held = this.#next();
      if (held === undefined) break;
      if (held.isSpare) {
        held.expire('over_capacity');
        held.socket.destroySoon();
        return true;
      }
      if (slow === null && held.isSlow?.(now) === true) slow = held;
    }
    slow?.socket.destroy();
    return slow !== null;
  }

  #next(): Held | undefined {
    this.#round ??= this.#open.values();
    const next = this.#round.next();
    if (next.done !== true) return next.value;
    this.#round = this.#open.values();
    return this.#round.next().value;
  }
}
