const FIRST_EJECTION_MS = 500;
const LONGEST_EJECTION_MS = 5_000;
/** A connection that fails at all fails within this. */
const TRIAL_MS = 2_000;

/**
 * What failed connections say of one endpoint. After one it is *ejected*: others are preferred, for half a second,
 * doubling up to five while it goes on failing. Then one request tries it; when no failure is heard of that one in two
 * seconds, it is as good as any. Where probes ask it for connections, it stays ejected until it accepts one. Ejected
 * never means unused: with nothing better it is still picked. Times are monotonic, ms.
 */
export class ConnectTrouble {
  failures = 0;
  isProbed = false;
  #until = 0;
  #onTrial = false;

  /** Many failures at the same moment count as one. True if it was well before. */
  failed(now: number, isProbed: boolean): boolean {
    if (this.isEjected(now) && !this.#onTrial) return false;
    this.failures++;
    this.#onTrial = false;
    this.isProbed = isProbed;
    this.#until = isProbed
      ? Number.POSITIVE_INFINITY
      : now + Math.min(FIRST_EJECTION_MS * 2 ** (this.failures - 1), LONGEST_EJECTION_MS);
    return this.failures === 1;
  }

  isEjected(now: number): boolean {
    return this.failures > 0 && now < this.#until;
  }

  /** It was chosen: perhaps as the one that tries. True if its trouble is over with that. */
  picked(now: number): boolean {
    if (this.failures === 0 || now < this.#until) return false;
    if (this.#onTrial) return this.over();
    this.#until = now + TRIAL_MS;
    this.#onTrial = true;
    return false;
  }

  /** It accepts connections. True if that is news. */
  over(): boolean {
    const wasFailing = this.failures > 0;
    this.failures = 0;
    this.#until = 0;
    this.#onTrial = false;
    this.isProbed = false;
    return wasFailing;
  }
}
