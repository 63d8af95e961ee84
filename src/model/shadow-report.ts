/**
 * What comparisons came to: as it is reported (by the process that compares, each second), and as it stands (in the one
 * that owns it all). Plain data: with workers it crosses from one to the other.
 */
import type { Difference, FieldDifference } from './comparison.ts';
import type { Side } from './route-table.ts';

/** What was compared of one feature since the last report. */
export interface FeatureComparisons {
  readonly feature: string;
  /** The wording of the feature's block that they belong to: those of another one are dropped. */
  readonly definition: string;
  readonly routes: readonly RouteComparisons[];
}

/** Of one route. */
export interface RouteComparisons {
  readonly route: string;
  readonly match: number;
  readonly notBuilt: number;
  readonly skipped: number;
  readonly error: number;
  /** Why comparisons were skipped or went wrong. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  /** Mismatches by the set of fields in which they differ. */
  readonly mismatches: readonly { readonly fields: readonly FieldDifference[]; readonly count: number }[];
  /** An example of each field. */
  readonly examples: readonly Difference[];
  /** Some of the mismatches whole. */
  readonly samples: readonly MismatchSample[];
  readonly noise: NoiseSeen;
  /** Counts by bucket (`compare/log-counts.ts`): pairs of bucket and count, one after the other. */
  readonly legacyTimes: readonly number[];
  readonly featureTimes: readonly number[];
  readonly timeRatios: readonly number[];
}

/** What legacy asked twice showed. */
export interface NoiseSeen {
  /** How often it was asked twice. */
  readonly pairs: number;
  /** With two statuses: nothing is learnt from that. */
  readonly unsteady: number;
  /** In how many of them each field differed from itself. */
  readonly fields: readonly { readonly example: Difference; readonly count: number }[];
}

/** One mismatch, safe to show. */
export interface MismatchSample {
  /** Wall clock, ms. */
  readonly time: number;
  readonly requestId: string;
  readonly method: string;
  /** Path and query, secrets masked. */
  readonly target: string;
  readonly servedBy: Side;
  readonly legacyMs: number | null;
  readonly featureMs: number | null;
  readonly differences: readonly Difference[];
}

/** Whether a feature may take over, by what was compared (design: Wilson's 95 % bounds). */
export interface Readiness {
  readonly kind: 'ready' | 'not_ready' | 'too_little_data';
  /** Comparisons that count, and those of them in which both answers were the same but for noise. */
  readonly compared: number;
  readonly same: number;
  /** Of the share of equal answers, 0 … 1. */
  readonly lower: number;
  readonly upper: number;
  /** What `ready` asks for. */
  readonly match: number;
  readonly min: number;
  /** `too_little_data`: so many more comparisons at least, if all of them match; else 0. */
  readonly missing: number;
}

/** A field that differs, counted. */
export interface FieldStatus extends FieldDifference {
  readonly count: number;
  /** Wall clock, ms. */
  readonly lastAt: number;
  /** How far apart numbers were at most; null: they are none. */
  readonly apart: number | null;
  /** A few of both sides, the latest first. */
  readonly examples: readonly Pick<Difference, 'legacy' | 'feature'>[];
}

/** A field of legacy's that differs from itself. */
export interface NoiseStatus extends FieldDifference {
  /** It is taken for noise; if not, it was seen, and not often enough. */
  readonly isLearnt: boolean;
  /** How often it was seen of late. */
  readonly sightings: number;
  readonly example: Pick<Difference, 'legacy' | 'feature'>;
}

/** Latencies, ms; null: none yet. */
export interface TimesStatus {
  readonly legacyP50: number | null;
  readonly legacyP95: number | null;
  readonly featureP50: number | null;
  readonly featureP95: number | null;
  /** The median of feature / legacy, request by request. */
  readonly ratio: number | null;
}

/** How the comparisons of a route stand. */
export interface RouteShadowStatus {
  readonly route: string;
  readonly readiness: Readiness;
  readonly counts: ComparisonCounts;
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly times: TimesStatus;
  /** The most frequent first; without noise. */
  readonly fields: readonly FieldStatus[];
  readonly noise: readonly NoiseStatus[];
  /** How often legacy was asked twice, and with two statuses. */
  readonly noisePairs: number;
  readonly noiseUnsteady: number;
  /** The latest first. */
  readonly samples: readonly MismatchSample[];
}

/** Comparisons by what became of them, as it is seen now. */
export interface ComparisonCounts {
  readonly match: number;
  readonly noise: number;
  readonly mismatch: number;
  readonly notBuilt: number;
  readonly skipped: number;
  readonly error: number;
}

/** How the comparisons of a feature stand, since its block was last edited. */
export interface ShadowStatus {
  readonly feature: string;
  /** Wall clock, ms. */
  readonly since: number;
  readonly readiness: Readiness;
  readonly counts: ComparisonCounts;
  readonly times: TimesStatus;
  /** 501 is answered by legacy: not built counts neither for nor against it. */
  readonly hasFallback: boolean;
  /** Share of requests with which legacy is asked twice, 0 … 1. */
  readonly noiseShare: number;
  /** Routes in the order of the file. */
  readonly routes: readonly RouteShadowStatus[];
}
