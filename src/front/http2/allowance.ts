/** Something that a peer may do now and then, and often after it was given cause to: a bucket of tokens. */
export class Allowance {
  readonly #most: number;
  readonly #perMs: number;
  #left: number;
  #since: number;

  /** `most` at once, and so many more every second. `now`: by a monotonic clock, ms. */
  constructor({ most, perSecond }: AllowanceTerms, now: number) {
    this.#most = most;
    this.#perMs = perSecond / 1000;
    this.#left = most;
    this.#since = now;
  }

  /** Uses one up. False: there is none. */
  spend(now: number): boolean {
    if (this.#left < 1) this.#refill(now);
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Gives some more, never above the most. */
  earn(tokens: number): void {
    this.#left = Math.min(this.#left + tokens, this.#most);
  }

  #refill(now: number): void {
    this.earn((now - this.#since) * this.#perMs);
    this.#since = now;
  }
}

/** How much is allowed. */
export interface AllowanceTerms {
  readonly most: number;
  readonly perSecond: number;
}
