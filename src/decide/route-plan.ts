import type { Decision } from '../model/decision.ts';
import type { FeatureSwitch } from '../model/ports.ts';
import type { Route, Testers } from '../model/route-table.ts';
import type { FoundKey, ReadyKeys } from './found-key.ts';

/** What was decided for one request, and what of its client that rests on. */
export interface Choice {
  readonly decision: Decision;
  /** The key that a canary went by; null where none counted or none was there. */
  readonly key: FoundKey | null;
  /** The place of a client that had none, to be kept in its cookie (docs/canary.md); null for all others. */
  readonly drawn: number | null;
}

/** What is decided of a route, and what is left to the request. As a choice: what holds for whoever is no tester. */
export interface RoutePlan extends Choice {
  /** What counts while the feature is rolled back; null where it cannot be. */
  readonly rollback: RollbackPlan | null;
  readonly testers: TesterPlan | null;
  readonly canary: CanaryPlan | null;
}

/** The choice for everybody while the feature is rolled back. */
export interface RollbackPlan extends Choice {
  readonly lever: FeatureSwitch;
}

/** The choice for testers. */
export interface TesterPlan extends Choice {
  readonly who: Testers;
}

/** A canary between 0 and 100 %. */
export interface CanaryPlan {
  readonly shareHundredths: number;
  readonly keys: ReadyKeys;
  /** `cookie` is among the keys: who has none gets a place with a GET or HEAD. */
  readonly drawsPlaces: boolean;
  /** For buckets below the share: the feature. */
  readonly inside: Choice;
  /** For the others, and for preflights: legacy. */
  readonly outside: Choice;
  readonly withoutKey: Choice;
}

/** The plans of a table by the route's index; the default's is the last. See {@link planOf}. */
export type RoutePlans = readonly RoutePlan[];

/** The plan of a route of the table. */
export function planOf(plans: RoutePlans, route: Route): RoutePlan {
  return plans.at(route.index) as RoutePlan;
}

/** What the plan gives whoever is no tester and has no key, by the rollbacks of now: for views. */
export function usualDecision({ decision, rollback }: RoutePlan): Decision {
  return rollback?.lever.isRolledBack ? rollback.decision : decision;
}
