/**
 * Positive numbers (durations, ratios) as counts in buckets of equal ratio, eight to each doubling: a quantile read off
 * them is at most 9 % too high, in little memory, and counts of several processes add up.
 */

const PER_DOUBLING = 8;
/** 2^-16 … 2^24: ratios from 1/65 536, milliseconds up to four hours. */
const LOWEST = -16 * PER_DOUBLING;
const HIGHEST = 24 * PER_DOUBLING;

/** Counts by bucket. */
export class LogCounts {
  readonly #counts = new Map<number, number>();

  add(value: number, count = 1): void {
    const bucket = value > 0 ? Math.ceil(Math.log2(value) * PER_DOUBLING) : LOWEST;
    this.#addTo(Math.min(HIGHEST, Math.max(LOWEST, bucket)), count);
  }

  /** Adds pairs of bucket and count. */
  addPairs(pairs: readonly number[]): void {
    for (let i = 0; i + 1 < pairs.length; i += 2) this.#addTo(pairs[i] as number, pairs[i + 1] as number);
  }

  /** Pairs of bucket and count, one after the other. */
  pairs(): number[] {
    return [...this.#counts].sort(([a], [b]) => a - b).flat();
  }

  /** The value below which that part (0 … 1) lies; null if nothing is counted. */
  quantile(part: number): number | null {
    const pairs = [...this.#counts].sort(([a], [b]) => a - b);
    const all = pairs.reduce((sum, [, count]) => sum + count, 0);
    let below = 0;
    for (const [bucket, count] of pairs) {
      below += count;
      if (below >= all * part) return 2 ** (bucket / PER_DOUBLING);
    }
    return null;
  }

  #addTo(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
  }
}
