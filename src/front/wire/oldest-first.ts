import type { Held } from '../held.ts';

/** Connections that are looked at for one newcomer: a flood must not cost more than it brings. */
const LOOKS = 64;

/**
 * Who makes room when there are as many connections as there may be: the oldest that has no request under way, be it that
 * it idles, or that its head does not get done. Who attacks by heads that never end loses them to who comes next, and a
 * client that asks is served. Requests under way are never ended for it.
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
    for (let looks = 0; looks < LOOKS; looks++) {
      this.#round ??= this.#open.values();
      let next = this.#round.next();
      if (next.done === true) {
        this.#round = this.#open.values();
        next = this.#round.next();
        if (next.done === true) return false;
      }
      const held = next.value;
      if (!held.isSpare) continue;
      held.expire('over_capacity');
      held.socket.destroySoon();
      return true;
    }
    return false;
  }
}
