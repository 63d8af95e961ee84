import { preflightMethod } from '../model/preflight.ts';
import type { Client, Surroundings } from './client.ts';
import { findKey } from './found-key.ts';
import { drawPlace } from './place.ts';
import type { CanaryPlan, Choice, RoutePlan } from './route-plan.ts';
import { isTester } from './testers.ts';

/**
 * Chooses among the decisions that a route's plan holds: rollback, testers, the bucket of a canary. Most routes
 * have one decision for all, and it costs nothing to choose that. Pure but for the randomness that is handed in.
 */
export function decide(plan: RoutePlan, client: Client, surroundings: Surroundings): Choice {
  const { rollback } = plan;
  if (rollback?.lever.isRolledBack) return rollback;
  if (plan.testers !== null && isTester(plan.testers.who, client.traits)) return plan.testers;
  return plan.canary === null ? plan : decideByBucket(plan.canary, client, surroundings);
}

function decideByBucket(canary: CanaryPlan, client: Client, surroundings: Surroundings): Choice {
  // Its answer holds for all requests of a page, and no key is on it: browsers send neither cookies nor values.
  if (preflightMethod(client.traits) !== undefined) return canary.outside;
  const key = findKey(canary.keys, client, surroundings);
  if (key !== null) return { ...sideOf(canary, key.bucket), key };
  const { method } = client.traits;
  if (!canary.drawsPlaces || (method !== 'GET' && method !== 'HEAD')) return canary.withoutKey;
  const place = drawPlace(surroundings.random);
  return { ...sideOf(canary, canary.keys.buckets[place] as number), drawn: place };
}

function sideOf(canary: CanaryPlan, bucket: number): Choice {
  return bucket < canary.shareHundredths ? canary.inside : canary.outside;
}
