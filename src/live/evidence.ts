/**
 * How strongly counts speak against "within the limit". Each function gives the signed root of the likelihood ratio:
 * about as many standard deviations as the observation lies beyond the limit, 0 if it lies within. Unlike the
 * textbook's normal interval it is right where errors are rare and sides are unequal, which is where a canary lives.
 * `docs/auto-rollback.md` says it in plain words, and test/full simulates what it promises.
 */

/** Failures among requests, or slow answers among answers. */
export interface Counted {
  /** How many of them. */
  readonly hits: number;
  readonly of: number;
}

/**
 * How much it takes to call it proven. One look at a window then errs in about 1 of 75 000 cases, and all looks that a
 * window sees, however many there are, in less than 1 of 2 000, even where the limit is no margin at all (0%).
 */
export const PROVEN = 4.2;

/** Evidence that the true share lies above `limit` (0 … 1). */
export function evidenceAbove({ hits, of }: Counted, limit: number): number {
  if (of === 0 || hits / of <= limit) return 0;
  return Math.sqrt(Math.max(0, 2 * (logLikelihood(hits, of, hits / of) - logLikelihood(hits, of, limit))));
}

/** Evidence that the share of `feature` lies more than `limit` (0 … 1) above that of `legacy`. */
export function evidenceOfExcess(feature: Counted, legacy: Counted, limit: number): number {
  if (feature.of === 0 || legacy.of === 0) return 0;
  const [ours, theirs] = [feature.hits / feature.of, legacy.hits / legacy.of];
  if (ours - theirs <= limit) return 0;
  const free = logLikelihood(feature.hits, feature.of, ours) + logLikelihood(legacy.hits, legacy.of, theirs);
  const base = likeliestBase(feature, legacy, limit);
  const bound =
    logLikelihood(feature.hits, feature.of, base + limit) + logLikelihood(legacy.hits, legacy.of, base);
  return Math.sqrt(Math.max(0, 2 * (free - bound)));
}

/** The largest limit that the counts prove to be passed: what can be said of the true share, or excess, for sure. */
export function surelyAbove(evidenceAt: (limit: number) => number, from: number, to: number): number {
  if (evidenceAt(from) < PROVEN) return from;
  let [low, high] = [from, to];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (evidenceAt(middle) >= PROVEN) low = middle;
    else high = middle;
  }
  return low;
}

/** Legacy's likeliest share if the feature's is exactly `limit` above it. The likelihood is concave: bisection. */
function likeliestBase(feature: Counted, legacy: Counted, limit: number): number {
  let [low, high] = [0, 1 - limit];
  for (let step = 0; step < 50; step++) {
    const base = (low + high) / 2;
    const slope = slopeAt(feature, base + limit) + slopeAt(legacy, base);
    if (slope > 0) low = base;
    else high = base;
  }
  return (low + high) / 2;
}

/** Of the log-likelihood. */
function slopeAt({ hits, of }: Counted, share: number): number {
  return ratio(hits, share) - ratio(of - hits, 1 - share);
}

function ratio(count: number, share: number): number {
  return count === 0 ? 0 : count / share;
}

/** Binomial, without the part that does not depend on the share; -Infinity where the share makes it impossible. */
function logLikelihood(hits: number, of: number, share: number): number {
  return times(hits, Math.log(share)) + times(of - hits, Math.log(1 - share));
}

/** 0 × -Infinity is 0 here. */
function times(count: number, log: number): number {
  return count === 0 ? 0 : count * log;
}
