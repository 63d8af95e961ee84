/**
 * Shadow: a copy of a request goes to the other side, and its answer is compared, never served (docs/shadow.md). The port
 * between who makes copies (src/shadow/) and who compares answers (src/compare/):
 *
 *   copy made ─▶ both answers whole ─▶ judge(pair, release) ─▶ compared ─▶ ComparisonEnd
 *        └─▶ ShadowEnd (answered, failed, dropped, skipped)
 */
import type { Failure } from './failure.ts';
import type { HeaderList } from './header-list.ts';
import type { Feature, Route, Side } from './route-table.ts';

/** One side's answer, as its client saw it or would have seen it. */
export interface ShadowAnswer {
  /** Why there is no answer, or only the beginning of one; null: it is whole. */
  readonly failure: Failure | null;
  /** 0: there is no answer. */
  readonly status: number;
  /** End-to-end fields, in order; Set-Cookie of a copy among them. */
  readonly headers: HeaderList;
  /** As it came, encoded by Content-Encoding; empty where an answer has none (HEAD, 204). Never changed any more. */
  readonly body: Buffer | null;
  /** Why `body` is null: longer than `max_body`, broken off, or no memory was left for it. */
  readonly noBody: 'too_large' | 'broken' | 'no_room' | null;
  /** Request whole → answer's head; null without one. */
  readonly latencyMs: number | null;
}

/** A request with the answers of both sides, to be judged. The served one is always whole. */
export interface ShadowPair {
  /** As they were when the request came: a reload may have replaced them since. */
  readonly feature: Feature;
  readonly route: Route;
  /** Whose answer the client got; the other one is the copy's. Legacy in stage shadow, the feature in canary and live. */
  readonly servedBy: Side;
  readonly requestId: string;
  /** Wall clock of the request, ms. */
  readonly time: number;
  readonly method: string;
  /** The client's path with its query, as it came: it may hold secrets. */
  readonly target: string;
  readonly legacy: ShadowAnswer;
  /** The feature's. */
  readonly own: ShadowAnswer;
  /** Legacy's answer to the same request, asked once more; null for all but the share `noise`. */
  readonly legacyAgain: ShadowAnswer | null;
}

/** Compares. */
export interface ShadowJudge {
  /**
   * Takes a pair. Never throws, never waits. `release` is to be called once when its bytes are needed no more, whatever
   * came of it: they count against what all shadows may hold (`--max-buffered`) until then.
   */
  judge(pair: ShadowPair, release: () => void): void;
}

/** What became of a request that was drawn to be copied: the label of `banyan_shadow_requests_total`. */
export const SHADOW_OUTCOMES = ['answered', 'failed', 'dropped', 'skipped'] as const;
export type ShadowOutcome = (typeof SHADOW_OUTCOMES)[number];

/** Why a request that was drawn is not copied: the label of `banyan_shadow_skipped_total`. */
export const SHADOW_SKIPS = [
  /** Not repeatable, and not among `writes`. */
  'method',
  'upgrade',
  /** Range: a part of an answer. */
  'range',
  /** An event stream, gRPC, ndjson: request or answer. */
  'stream',
  /** The request's body or the served answer's is longer than `max_body`. */
  'too_large',
  /** Not the decided side answered. */
  'fallback',
  /** 206 or 304: not the whole of an answer. */
  'partial',
  /** What was to be served failed, broke off, or its client left. */
  'failed',
] as const;
export type ShadowSkip = (typeof SHADOW_SKIPS)[number];

/** The end of one request that was drawn, as far as copying goes. */
export interface ShadowEnd {
  readonly feature: Feature;
  readonly route: Route;
  readonly outcome: ShadowOutcome;
  /** null: it was not skipped. */
  readonly skipped: ShadowSkip | null;
  /** The feature's latency as a multiple of legacy's; null where one of them has none. */
  readonly durationRatio: number | null;
}

/** What two answers came to: the label of `banyan_shadow_comparisons_total`. */
export const COMPARISON_RESULTS = ['match', 'mismatch', 'noise', 'not_built', 'skipped', 'error'] as const;
export type ComparisonResult = (typeof COMPARISON_RESULTS)[number];

/** One comparison, counted. */
export interface ComparisonEnd {
  readonly feature: Feature;
  readonly route: Route;
  readonly result: ComparisonResult;
}

/** Told of what shadows come to; never throws, never waits. `shadowed` by who copies, `compared` by who compares. */
export interface ShadowObserver {
  shadowed(end: ShadowEnd): void;
  compared(end: ComparisonEnd): void;
}
