/**
 * How strongly two histograms of durations speak against "the feature's 95th percentile is at most so many times
 * legacy's". In the unit of `evidence.ts`.
 *
 * If the limit holds, there is a duration q that is legacy's 95th percentile (5 % of legacy's answers take longer) and
 * at most 5 % of the feature's take longer than `times` × q. The likeliest such q is looked for among the buckets'
 * edges; how unlikely the counts are even with that one is the evidence. Nothing is assumed about the shape of either
 * distribution, and where a bucket's width leaves a doubt, the doubt is the feature's benefit.
 */
import { BUCKETS, countFrom, firstBucketAbove, upperEdgeMs } from './durations.ts';
import { evidenceAbove } from './evidence.ts';

/** By the definition of a 95th percentile. */
const SLOWER = 0.05;

/** Evidence that the 95th percentile lies above `maxMs`. */
export function evidenceOfSlowness(times: Uint32Array, maxMs: number): number {
  const hits = countFrom(times, firstBucketAbove(maxMs));
  return evidenceAbove({ hits, of: countFrom(times, 0) }, SLOWER);
}

/** Evidence that the feature's 95th percentile is more than `times` × legacy's. */
export function evidenceOfSlowdown(feature: Uint32Array, legacy: Uint32Array, times: number): number {
  const [ours, theirs] = [countsFrom(feature), countsFrom(legacy)];
  const [allOurs, allTheirs] = [ours[0] as number, theirs[0] as number];
  if (allOurs === 0 || allTheirs === 0) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (let bucket = 0; bucket < BUCKETS && least > 0; bucket++) {
    const against = evidenceAgainst(theirs[bucket + 1] as number, theirs[bucket] as number, allTheirs) ** 2;
    if (against >= least) continue;
    const hits = ours[firstBucketAbove(upperEdgeMs(bucket) * times)] as number;
    least = Math.min(least, against + evidenceAbove({ hits, of: allOurs }, SLOWER) ** 2);
  }
  return Math.sqrt(least);
}

/** How many are counted from each bucket on, and none beyond the last. */
function countsFrom(counts: Uint32Array): Uint32Array {
  const from = new Uint32Array(BUCKETS + 1);
  for (let bucket = BUCKETS - 1; bucket >= 0; bucket--)
    from[bucket] = (from[bucket + 1] as number) + (counts[bucket] as number);
  return from;
}

/** That legacy's 95th percentile lies in a bucket: none if the share of slower ones passes 5 % within it. */
function evidenceAgainst(slowerAfter: number, slowerBefore: number, of: number): number {
  if (slowerAfter > of * SLOWER) return evidenceAbove({ hits: slowerAfter, of }, SLOWER);
  if (slowerBefore < of * SLOWER) return evidenceAbove({ hits: of - slowerBefore, of }, 1 - SLOWER);
  return 0;
}
