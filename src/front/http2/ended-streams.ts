/** How the router knows a stream that is no more. */
export type Ended = 'reset' | 'closed' | 'unknown';

/** Streams that are remembered: what was on its way when they ended has come long before so many others have ended. */
const REMEMBERED = 256;

/**
 * The streams that ended last. What comes on one that was reset is none of the client's fault, which did not know; on one
 * that it had ended itself it is (RFC 9113 section 5.1).
 */
export class EndedStreams {
  readonly #byId = new Map<number, Ended>();

  add(id: number, how: Ended): void {
    this.#byId.set(id, how);
    if (this.#byId.size <= REMEMBERED) return;
    for (const oldest of this.#byId.keys()) {
      this.#byId.delete(oldest);
      return;
    }
  }

  of(id: number): Ended {
    return this.#byId.get(id) ?? 'unknown';
  }
}
