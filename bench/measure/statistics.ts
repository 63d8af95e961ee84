/** The bench's own arithmetic: medians, and ratios taken within a round, so that a busy moment is in both numbers. */

/** What many rounds say together. */
export interface Spread {
  readonly median: number;
  /** A quarter of the rounds lie below it. */
  readonly low: number;
  /** A quarter of the rounds lie above it. */
  readonly high: number;
  readonly count: number;
}

/** The value below which this part (0 … 1) of the numbers lies, linear between neighbours; NaN of no numbers. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** Median and quartiles; what is not a finite number (a round in which nothing was answered) is left out. */
export function spreadOf(numbers: readonly number[]): Spread {
  const finite = numbers.filter(Number.isFinite);
  return {
    median: quantile(finite, 0.5),
    low: quantile(finite, 0.25),
    high: quantile(finite, 0.75),
    count: finite.length,
  };
}

/** Of each round, the one value over the other: the ratio of what was measured within the same seconds. */
export function ratiosByRound(
  values: ReadonlyMap<number, number>,
  over: ReadonlyMap<number, number>,
): readonly number[] {
  return [...values].flatMap(([round, value]) => {
    const base = over.get(round);
    return base === undefined ? [] : [value / base];
  });
}
