import type { Backend, Feature, Route, Side } from './route-table.ts';

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

/** A backend answers. */
export interface ForwardDecision {
  readonly kind: 'forward';
  readonly route: Route;
  readonly side: Side;
  readonly backend: Backend;
  /** The route's feature, also when legacy answers for it; null for routes to legacy. */
  readonly feature: Feature | null;
  readonly reason: Reason;
}

/** The route answers by itself: redirect and respond, which count no decision. */
export interface LocalDecision {
  readonly kind: 'local';
  readonly route: Route;
  readonly feature: null;
}

/** What will be done with a request and why, as data: it can be logged, explained, and tested with no socket. */
export type Decision = ForwardDecision | LocalDecision;
