/** In slots of ten seconds, so that it slides without keeping single requests. */
const SLOT_MS = 10_000;
const SLOTS = 30;

/** Counts the answers of the last five minutes, by who gave them. Times are ms, all of one clock. */
export class AnswersBySide {
  readonly #legacy = new Float64Array(SLOTS);
  readonly #feature = new Float64Array(SLOTS);
  #slot = 0;

  count(isFeature: boolean, at: number): void {
    const slot = this.#advance(at);
    const counts = isFeature ? this.#feature : this.#legacy;
    counts[slot] = (counts[slot] as number) + 1;
  }

  of(now: number): { legacy: number; feature: number } {
    this.#advance(now);
    return { legacy: sum(this.#legacy), feature: sum(this.#feature) };
  }

  /** Clears the slots that time has left behind; returns the index of the current one. */
  #advance(at: number): number {
    const slot = Math.trunc(at / SLOT_MS);
    const stale = Math.min(slot - this.#slot, SLOTS);
    for (let i = 1; i <= stale; i++) {
      this.#legacy[(this.#slot + i) % SLOTS] = 0;
      this.#feature[(this.#slot + i) % SLOTS] = 0;
    }
    this.#slot = Math.max(slot, this.#slot);
    return this.#slot % SLOTS;
  }
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
