import type { Failure } from './failure.ts';
import type { FallbackWord } from './fallback.ts';
import type { Backend, Feature, Route, Side } from './route-table.ts';
import type { Shadow } from './shadow-block.ts';

/** Why this side answers: the label of `banyan_decisions_total`. */
export const REASONS = [
  'default',
  'stage',
  'bucket',
  'no_key',
  'tester',
  'rollback',
  'legacy_only',
  'pinned',
] as const;
export type Reason = (typeof REASONS)[number];

/** Legacy in a feature's place, if the feature cannot answer (docs/fallback.md). */
export interface FallbackPlan {
  /** What is asked then: legacy, for the same route. It has no fallback of its own. */
  readonly decision: ForwardDecision;
  /** What it happens for: failures and statuses of the feature, each with its word in routes.yaml. */
  readonly when: ReadonlyMap<Failure | number, FallbackWord>;
  /** Bytes of a request's body that are kept for it. */
  readonly maxBody: number;
  /** At a time, of the whole feature; 0: no limit. */
  readonly maxInFlight: number;
  /** Over all attempts, where the route has no deadline of its own; 0: none. */
  readonly deadlineMs: number;
}

/** What a copy is for: its answer is compared, or tells how much legacy differs from itself. */
export type CopyPurpose = 'shadow' | 'noise';

/** Copies to the other side (docs/shadow.md). */
export interface ShadowPlan {
  readonly shadow: Shadow;
  readonly feature: Feature;
  /** What is asked: the other side, for the same route. It has no other side of its own. */
  readonly copy: ForwardDecision;
  /** Legacy, asked once more: what differs from itself is noise. */
  readonly again: ForwardDecision;
  /** Methods that are copied. */
  readonly methods: ReadonlySet<string>;
  /** Of them, those with which legacy may be asked once more. */
  readonly repeatable: ReadonlySet<string>;
}

/** A backend answers. */
export interface ForwardDecision {
  readonly kind: 'forward';
  readonly route: Route;
  readonly side: Side;
  readonly backend: Backend;
  /** The route's feature, also when legacy answers for it; null for routes to legacy. */
  readonly feature: Feature | null;
  readonly reason: Reason;
  /** null: what the feature says, or its failure, is what the client gets. */
  readonly fallback: FallbackPlan | null;
  /** The other side, which is asked when this one says 404 to a GET or HEAD; null: it is not. */
  readonly either: ForwardDecision | null;
  /** Left out or null: requests of this decision are not copied. */
  readonly shadow?: ShadowPlan | null;
  /** What this copy is for. Left out or null: it is no copy, and a client waits for the answer. */
  readonly copy?: CopyPurpose | null;
}

/** The route answers by itself: redirect and respond, which count no decision. */
export interface LocalDecision {
  readonly kind: 'local';
  readonly route: Route;
  readonly feature: null;
}

/** What will be done with a request and why, as data: it can be logged, explained, and tested with no socket. */
export type Decision = ForwardDecision | LocalDecision;
