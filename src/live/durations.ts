/**
 * Durations as counts in buckets of equal ratio: sixteen to each doubling, 0.1 ms to 7 minutes. A quantile read off
 * them is at most one bucket (4.4 %) too high, in fixed memory, and the counts of two windows, or two processes, add up.
 */

const PER_DOUBLING = 16;
const SMALLEST_MS = 0.1;

/** How many buckets there are; the last takes all that is longer. */
export const BUCKETS = 22 * PER_DOUBLING;

/** Which bucket takes this duration, ms. */
export function bucketOf(ms: number): number {
  if (ms <= SMALLEST_MS) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(ms / SMALLEST_MS) * PER_DOUBLING));
}

/** The longest duration of a bucket, ms. */
export function upperEdgeMs(bucket: number): number {
  return SMALLEST_MS * 2 ** (bucket / PER_DOUBLING);
}

/** The first bucket of which every duration is longer than this. */
export function firstBucketAbove(ms: number): number {
  return Math.min(BUCKETS, bucketOf(ms) + 1);
}

/** A duration of which no more is known than that it was longer than this: it is counted in the next bucket. */
export function longerThan(ms: number): number {
  return SMALLEST_MS * 2 ** ((bucketOf(ms) + 0.5) / PER_DOUBLING);
}

/** How many are counted from a bucket on. */
export function countFrom(counts: Uint32Array, bucket: number): number {
  let count = 0;
  for (let at = bucket; at < BUCKETS; at++) count += counts[at] as number;
  return count;
}

/** The 95th percentile, ms, at most one bucket too high; null if nothing is counted. */
export function p95Of(counts: Uint32Array): number | null {
  const all = countFrom(counts, 0);
  if (all === 0) return null;
  let below = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    below += counts[bucket] as number;
    if (below >= all * 0.95) return upperEdgeMs(bucket);
  }
  return null;
}
