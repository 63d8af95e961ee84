/**
 * What auto_rollback counts of one feature, as plain data: a worker tells the primary what it counted since it last
 * told, and sums of such counts are such counts again.
 */

/** Of one side. */
export interface SideCounts {
  readonly requests: number;
  /** Of them: 5xx answers and failures of its own. */
  readonly errors: number;
  /** Durations from sent to the answer's head: pairs of bucket and count, one after the other. */
  readonly times: readonly number[];
}

/** Of both sides of the same routes. */
export interface FeatureCounts {
  readonly feature: string;
  /** The wording of the feature's block that they belong to: counts of another one are dropped. */
  readonly definition: string;
  readonly own: SideCounts;
  readonly legacy: SideCounts;
}

/** A feature that auto_rollback took back. */
export interface Rollback {
  readonly feature: string;
  /** Of the block that was in force: with another one it is over. */
  readonly definition: string;
  /** Wall clock, ms. */
  readonly since: number;
  /** Wall clock, ms; null: until the feature's block is edited. */
  readonly until: number | null;
  /** How often it was rolled back with this block, this time included. */
  readonly count: number;
  /** With the numbers, in plain words. */
  readonly why: string;
}

/** What the window of a feature says now. */
export interface RollbackVerdict {
  readonly kind: 'too_little_data' | 'within_limits' | 'rolled_back';
  /** `too_little_data`: how many more requests are needed, and of which side. */
  readonly missing: { readonly side: 'feature' | 'legacy'; readonly requests: number } | null;
  readonly own: SideSummary;
  readonly legacy: SideSummary;
}

/** One side of a window in numbers. */
export interface SideSummary {
  readonly requests: number;
  readonly errors: number;
  readonly p95Ms: number | null;
}

/** How a feature stands that has `auto_rollback` and is in stage canary or live. */
export interface RollbackStatus {
  readonly feature: string;
  readonly verdict: RollbackVerdict;
  readonly rollback: Rollback | null;
}
