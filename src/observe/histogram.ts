/**
 * A histogram of durations: counts per bucket, not yet cumulative, so that an observation touches one cell. The
 * writer adds them up.
 */
export interface Histogram {
  /** One more than there are bounds: the last cell is what no bound holds. */
  readonly counts: Float64Array;
  sumSeconds: number;
}

/** An empty histogram for so many upper bounds. */
export function newHistogram(bounds: readonly number[]): Histogram {
  return { counts: new Float64Array(bounds.length + 1), sumSeconds: 0 };
}

/** Counts one duration. `bounds` are upper bounds in seconds, inclusive, ascending. */
export function observe(histogram: Histogram, bounds: readonly number[], seconds: number): void {
  let cell = 0;
  while (cell < bounds.length && seconds > (bounds[cell] as number)) cell++;
  histogram.counts[cell] = (histogram.counts[cell] as number) + 1;
  histogram.sumSeconds += seconds;
}
