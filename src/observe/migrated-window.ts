/**
 * How far the migration is, by what really happens: the share of the last five minutes' answers that came from
 * features. A ring of ten-second slots, so that it slides without keeping single requests.
 */

const SLOT_MS = 10_000;
const SLOTS = 30;

/** Counts answers, and forgets them after five minutes. */
export class MigratedWindow {
  readonly #total = new Float64Array(SLOTS);
  readonly #byFeature = new Float64Array(SLOTS);
  readonly #nowMs: () => number;
  #slot: number;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#slot = Math.trunc(nowMs() / SLOT_MS);
  }

  /** Counts an answer of a backend. */
  count(isFeature: boolean): void {
    const at = this.#advance();
    this.#total[at] = (this.#total[at] as number) + 1;
    if (isFeature) this.#byFeature[at] = (this.#byFeature[at] as number) + 1;
  }

  /** 0 to 1; NaN when nothing was answered. */
  ratio(): number {
    const { byFeature, total } = this.counts();
    return byFeature / total;
  }

  /** Answers of the last five minutes: what the ratio is made of. */
  counts(): { byFeature: number; total: number } {
    this.#advance();
    return { byFeature: sum(this.#byFeature), total: sum(this.#total) };
  }

  /** Clears the slots that time has left behind; returns the index of the current one. */
  #advance(): number {
    const slot = Math.trunc(this.#nowMs() / SLOT_MS);
    const stale = Math.min(slot - this.#slot, SLOTS);
    for (let i = 1; i <= stale; i++) {
      const at = (this.#slot + i) % SLOTS;
      this.#total[at] = 0;
      this.#byFeature[at] = 0;
    }
    this.#slot = Math.max(slot, this.#slot);
    return this.#slot % SLOTS;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
