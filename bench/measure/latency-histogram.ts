/**
 * Latencies in few numbers, so that load processes can hand them on and be added up: buckets that grow by 2 %,
 * from 1 µs to beyond a minute. A quantile read from it is right to 1 %.
 */
const GROWTH = Math.log(1.02);
const BUCKETS = 1_000;

/** Counts of latencies by bucket. */
export type LatencyHistogram = number[];

/** Empty. */
export function newHistogram(): LatencyHistogram {
  return new Array<number>(BUCKETS).fill(0);
}

/** Counts one latency. */
export function addLatency(histogram: LatencyHistogram, ms: number): void {
  const at = Math.round(Math.log(Math.max(ms * 1_000, 1)) / GROWTH);
  const bucket = Math.min(at, BUCKETS - 1);
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

/** One for what several processes saw. */
export function addedUp(histograms: readonly LatencyHistogram[]): LatencyHistogram {
  return newHistogram().map((_, i) => histograms.reduce((sum, one) => sum + (one[i] ?? 0), 0));
}

/** The latency in ms that this part (0 … 1) of the requests did not exceed; NaN if there were none. */
export function latencyAt(histogram: LatencyHistogram, part: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let left = Math.max(1, Math.ceil(total * part));
  for (const [bucket, count] of histogram.entries()) {
    left -= count;
    if (left <= 0) return Math.exp(bucket * GROWTH) / 1_000;
  }
  return Number.NaN;
}
