/** How far back answers count. */
const SLICES = 10;
const SLICE_MS = 1_000;
/** Fewer answers say nothing. */
const LEAST = 20;

/**
 * The answers of the last ten seconds: how many there were, and how many of them said that the backend cannot serve
 * (502–504). Kept by the second, in fixed memory; counting one is a few additions.
 */
export class RecentAnswers {
  readonly #all = new Uint32Array(SLICES);
  readonly #bad = new Uint32Array(SLICES);
  /** Number of the current second. */
  #slice = 0;

  /** @param now Monotonic, ms. */
  count(isBad: boolean, now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    if (slice !== this.#slice) this.#moveTo(slice);
    const at = slice % SLICES;
    this.#all[at] = (this.#all[at] as number) + 1;
    if (isBad) this.#bad[at] = (this.#bad[at] as number) + 1;
  }

  /** At least 20 answers, half of them or more bad; as of the last one counted. */
  get areMostlyBad(): boolean {
    const all = sum(this.#all);
    return all >= LEAST && sum(this.#bad) * 2 >= all;
  }

  /** How many are bad, of how many, in words for the log. */
  get inWords(): string {
    return `${sum(this.#bad)} of the last ${sum(this.#all)} answers were 502, 503 or 504`;
  }

  clear(): void {
    this.#all.fill(0);
    this.#bad.fill(0);
  }

  #moveTo(slice: number): void {
    if (slice - this.#slice >= SLICES) this.clear();
    else {
      for (let old = this.#slice + 1; old <= slice; old++) {
        this.#all[old % SLICES] = 0;
        this.#bad[old % SLICES] = 0;
      }
    }
    this.#slice = slice;
  }
}

function sum(counts: Uint32Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
