/**
 * Counts, for auto_rollback, how each side of a feature's routes does: every exchange once, by what the side decided
 * on made of it. What a fallback hid counts against the feature all the same, and an answer that did not come in time
 * took longer than that. Left out are testers (they look for trouble), upgrades and event streams (their end comes hours
 * later), clients that left (499), 501 ("not built here yet") and what was the client's or the router's own fault.
 */
import type { ForwardDecision } from '../model/decision.ts';
import type { Failure } from '../model/failure.ts';
import type { FeatureCounts } from '../model/feature-counts.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Observer } from '../model/ports.ts';
import type { Feature, RouteTable } from '../model/route-table.ts';
import { longerThan } from './durations.ts';
import { SideTally } from './side-tally.ts';

/** What speaks against the side that was to answer. */
const OWN_FAILURES: ReadonlySet<Failure> = new Set([
  'connect_refused',
  'connect_timeout',
  'dns',
  'tls',
  'reset',
  'bad_response',
  'response_timeout',
  'idle_timeout',
  'deadline',
  'no_endpoint',
  'breaker_open',
  'over_capacity',
]);

interface Counting {
  readonly definition: string;
  readonly own: SideTally;
  readonly legacy: SideTally;
}

/** An observer that counts for auto_rollback; `take` empties it. */
export class FeatureWatch implements Pick<Observer, 'tableChanged' | 'finished'> {
  #counting: ReadonlyMap<string, Counting> = new Map();

  /** Counts of a feature whose block is edited begin anew. */
  tableChanged(table: RouteTable): void {
    const before = this.#counting;
    const counting = new Map<string, Counting>();
    for (const feature of Object.values(table.features)) {
      if (!canBeRolledBack(feature)) continue;
      const known = before.get(feature.name);
      counting.set(feature.name, known?.definition === feature.definition ? known : countingOf(feature));
    }
    this.#counting = counting;
  }

  finished(outcome: Outcome): void {
    const { decision } = outcome;
    if (decision.kind === 'local' || decision.feature === null || decision.feature.autoRollback === null)
      return;
    const counting = this.#counting.get(decision.feature.name);
    if (counting === undefined || counting.definition !== decision.feature.definition) return;
    if (decision.reason === 'tester') return;
    const isError = isErrorOf(outcome);
    if (isError === null) return;
    const tally = decision.side === 'feature' ? counting.own : counting.legacy;
    tally.count(isError, answerMsOf(outcome, decision));
  }

  /** What was counted since the last time, of features with anything; empties them. */
  take(): FeatureCounts[] {
    const taken: FeatureCounts[] = [];
    for (const [feature, { definition, own, legacy }] of this.#counting) {
      if (own.requests + legacy.requests === 0) continue;
      taken.push({ feature, definition, own: own.counts(), legacy: legacy.counts() });
      own.clear();
      legacy.clear();
    }
    return taken;
  }
}

/** It has limits, and a stage in which going back to legacy means something. */
export function canBeRolledBack({ autoRollback, stage }: Feature): boolean {
  return autoRollback !== null && (stage === 'canary' || stage === 'live');
}

function countingOf({ definition, autoRollback }: Feature): Counting {
  const hasTimes = autoRollback?.p95.maxMs != null || autoRollback?.p95.timesLegacy != null;
  return { definition, own: new SideTally(hasTimes), legacy: new SideTally(hasTimes) };
}

/** Sent → head of the answer of the side that was decided on; null: it says nothing of how fast that is. */
function answerMsOf({ failure, hidden, backendMs }: Outcome, decision: ForwardDecision): number | null {
  if ((hidden ?? failure) !== 'response_timeout') return hidden === undefined ? backendMs : null;
  const { side, route, backend } = decision;
  const ofRoute = side === 'feature' ? route.policy.timeouts.responseMs : null;
  return longerThan(ofRoute ?? backend.timeouts.responseMs);
}

/** Whether the side that was decided on failed; null: the exchange says nothing about it. */
function isErrorOf({ status, failure, hidden, upgraded, eventStream }: Outcome): boolean | null {
  if (hidden !== undefined)
    return typeof hidden === 'number' ? isErrorStatus(hidden) : OWN_FAILURES.has(hidden);
  if (failure !== null) return OWN_FAILURES.has(failure) && !upgraded && !eventStream ? true : null;
  return upgraded || eventStream ? null : isErrorStatus(status);
}

function isErrorStatus(status: number): boolean | null {
  return status === 501 || status === 499 ? null : status >= 500;
}
