import type { AttemptEvents, UpgradedEnd } from './attempt-events.ts';
import type { ParsedHead } from './backend/parsed-head.ts';

/**
 * An answer that nobody wants, since the other side's is sent in its place. A short one is read to its end, so that its
 * connection can be used again (a feature that says 501 to half of its requests would have to connect for each); the
 * connection of a long or slow one is closed.
 */

/** Bytes of such an answer that are read. */
const DISCARDED_BYTES = 64 * 1024;
/** For how long. */
export const DISCARDED_MS = 1_000;

/** Listens in the exchange's place, and says when it has heard enough. */
export class DiscardedAnswer implements AttemptEvents {
  private bytes = 0;
  private readonly until: number;
  private readonly now: () => number;
  private readonly giveUp: () => void;

  constructor(now: () => number, giveUp: () => void) {
    this.now = now;
    this.giveUp = giveUp;
    this.until = now() + DISCARDED_MS;
  }

  chunk(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (this.bytes > DISCARDED_BYTES || this.now() > this.until) this.giveUp();
  }

  upgraded(_head: ParsedHead, { socket }: UpgradedEnd): void {
    socket.destroy();
  }

  informational(): void {}
  readBegins(): void {}
  readEnds(): void {}
  head(): void {}
  end(): void {}
  failed(): void {}
}
