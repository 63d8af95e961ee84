/**
 * Whether a feature may take over, by what was compared: ready when the lower bound of its share of equal answers
 * reaches `ready.match` with at least `ready.min` comparisons, not ready when the upper bound is below it, and too
 * little data in between. Who looks after each request gives chance many chances; how often that fools this verdict is
 * measured in its test: a feature with twice as many mismatches as are allowed is falsely ready in fewer than 1 of 100 runs.
 */
import type { Readiness } from '../model/shadow-report.ts';
import { wilsonBounds } from './wilson.ts';

/** What `ready` asks for. */
export interface ReadyWhen {
  readonly match: number;
  readonly min: number;
}

/** `same` of `compared` answers were the same but for noise. */
export function readinessOf(same: number, compared: number, when: ReadyWhen): Readiness {
  const { lower, upper } = wilsonBounds(same, compared);
  const kind = isReady(same, compared, when)
    ? 'ready'
    : compared > 0 && upper < when.match
      ? 'not_ready'
      : 'too_little_data';
  const missing = kind === 'too_little_data' ? missingFor(same, compared, when) : 0;
  return { kind, compared, same, lower, upper, match: when.match, min: when.min, missing };
}

function isReady(same: number, compared: number, { match, min }: ReadyWhen): boolean {
  if (compared === 0 || compared < min) return false;
  // No number of equal answers proves that all are: who asks for 100 % gets `min` answers without a mismatch.
  return match >= 1 ? same === compared : wilsonBounds(same, compared).lower >= match;
}

const MOST_MISSING = 2 ** 30;

/** How many more comparisons make it ready if all of them match; by doubling, then by halves. */
function missingFor(same: number, compared: number, when: ReadyWhen): number {
  const isEnough = (more: number): boolean => isReady(same + more, compared + more, when);
  let high = 1;
  while (!isEnough(high) && high < MOST_MISSING) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
