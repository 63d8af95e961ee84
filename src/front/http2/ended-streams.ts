import { SessionError } from '../../model/http2/http2-words.ts';

/** How a stream ended: both ends had said so, or one gave it up. */
export type Ended = 'reset' | 'closed';

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

  /** Something came for a stream that is no more. @throws SessionError where the client must have known */
  expectReset(id: number): void {
    const how = this.#byId.get(id);
    if (how === undefined) throw new SessionError('PROTOCOL_ERROR', 'a frame of no stream');
    if (how === 'closed') throw new SessionError('STREAM_CLOSED', 'a frame of a stream that had ended');
  }
}
