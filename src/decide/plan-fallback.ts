import type { FallbackPlan, ForwardDecision } from '../model/decision.ts';
import type { Failure } from '../model/failure.ts';
import type { FallbackWord } from '../model/fallback.ts';
import type { Feature, Route } from '../model/route-table.ts';

/** What each word stands for (docs/fallback.md): failures before an answer's head, and statuses. */
export const MEANT: Readonly<Record<FallbackWord, readonly (Failure | number)[]>> = {
  connect: ['connect_refused', 'connect_timeout', 'dns', 'tls', 'no_endpoint', 'breaker_open'],
  reset: ['reset'],
  timeout: ['response_timeout', 'idle_timeout'],
  bad_response: ['bad_response'],
  '501': [501],
  '502': [502],
  '503': [503],
  '504': [504],
};

/**
 * Legacy's part when this feature cannot answer; null without a fallback, and in the stages in which the feature is not
 * asked or legacy may have no code for it any more.
 */
export function planFallback(route: Route, feature: Feature, legacy: ForwardDecision): FallbackPlan | null {
  const { fallback, stage } = feature;
  if (fallback === null || (stage !== 'canary' && stage !== 'live')) return null;
  return Object.freeze({
    decision: legacy,
    when: new Map(fallback.when.flatMap((word) => MEANT[word].map((meant) => [meant, word] as const))),
    maxBody: fallback.maxBody,
    maxInFlight: fallback.maxInFlight,
    deadlineMs: route.policy.deadlineMs ?? usualDeadlineMs(route, feature, legacy),
  });
}

/** The feature's time for an answer, then legacy's: none if one of them has no limit. */
function usualDeadlineMs({ policy }: Route, { backend }: Feature, legacy: ForwardDecision): number {
  const own = policy.timeouts.responseMs ?? backend.timeouts.responseMs;
  const legacys = legacy.backend.timeouts.responseMs;
  return own === 0 || legacys === 0 ? 0 : own + legacys;
}
