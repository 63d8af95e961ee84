/**
 * Finds sessions whose other end is gone without a word (a host that lost its power, a network that was taken away): a
 * PING must be answered. Few are sent, since many gRPC servers close a connection with more than two or three PINGs
 * between their own words: two while nothing comes, then one in more than five minutes, which they all allow.
 */

/** A session with something under way that is silent for so long is asked. */
const SILENT_MS = 10_000;
/** An answer takes longer only from the dead. */
const ANSWER_MS = 10_000;
const DOUBTFUL_MS = 1_000;
/** Of PINGs between two words of the backend: so many are sent when there is need; */
const FEW = 2;
/** later ones after so long. */
const LATER_MS = 5 * 60_000 + 10_000;

/** What is known of the other end's life. Times are monotonic ms. */
export class Liveness {
  /** Something was read. */
  lastReadAt: number;
  private askedAt: number | null = null;
  private lastAskedAt = Number.NEGATIVE_INFINITY;
  private asked = 0;

  constructor(now: number) {
    this.lastReadAt = now;
  }

  /** A head or a piece of a body came: PINGs may be sent again. */
  heardWord(): void {
    this.asked = 0;
  }

  /** The answer to a PING. */
  heardAnswer(): void {
    this.askedAt = null;
  }

  /** Whether a PING may go out now; if so, it is taken to be sent. */
  mayAsk(now: number): boolean {
    if (this.askedAt !== null) return false;
    if (this.asked >= FEW && now - this.lastAskedAt < LATER_MS) return false;
    this.markAsked(now);
    return true;
  }

  /** A PING goes out, whether it may or not: somebody waits for the answer. */
  markAsked(now: number): void {
    this.asked++;
    this.askedAt ??= now;
    this.lastAskedAt = now;
  }

  /** It has been silent long enough to be asked. */
  isSilent(now: number): boolean {
    return now - this.lastReadAt >= SILENT_MS;
  }

  /** It owes an answer for longer than the living take: others are better for new exchanges. */
  isDoubtful(now: number): boolean {
    const { askedAt } = this;
    return askedAt !== null && this.lastReadAt < askedAt && now - askedAt >= DOUBTFUL_MS;
  }

  /** It owes an answer for too long, and said nothing else either. */
  isDead(now: number): boolean {
    return this.askedAt !== null && now - Math.max(this.askedAt, this.lastReadAt) >= ANSWER_MS;
  }
}
