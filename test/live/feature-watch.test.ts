import { describe, expect, it } from 'vitest';
import { firstBucketAbove } from '../../src/live/durations.ts';
import { FeatureWatch } from '../../src/live/feature-watch.ts';
import type { Reason } from '../../src/model/decision.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { AutoRollback, Feature, RouteTable, Stage } from '../../src/model/route-table.ts';
import { tableOf } from '../support/table.ts';

const LIMITS: AutoRollback = {
  windowMs: 60_000,
  minRequests: 200,
  errors: { max: 0.05, aboveLegacy: null },
  p95: { maxMs: 800, timesLegacy: null },
  holdMs: null,
};

function table(feature: Partial<Feature> = {}, stage: Stage = 'canary'): RouteTable {
  return tableOf([{ name: 'orders', to: 'orders' }], {
    stages: { orders: stage },
    features: { orders: { autoRollback: LIMITS, ...feature } },
  });
}

interface Said extends Partial<Pick<Outcome, 'status' | 'failure' | 'hidden' | 'upgraded' | 'eventStream'>> {
  readonly side?: 'legacy' | 'feature';
  readonly reason?: Reason;
  readonly backendMs?: number | null;
}

function outcome(from: RouteTable, said: Said): Outcome {
  const route = from.routes[0]!;
  const feature = from.features['orders']!;
  const { side = 'feature', reason = 'bucket', ...rest } = said;
  const backend = side === 'legacy' ? from.legacy : feature.backend;
  const decision = {
    kind: 'forward',
    route,
    side,
    backend,
    feature,
    reason,
    fallback: null,
    either: null,
  } as const;
  const plain = { status: 200, failure: null, backendMs: 10, upgraded: false, eventStream: false };
  return { decision, ...plain, ...rest } as Outcome;
}

/** What is counted of outcomes under one table. */
function counted(...said: readonly Said[]) {
  const watch = new FeatureWatch();
  const inForce = table();
  watch.tableChanged(inForce);
  for (const one of said) watch.finished(outcome(inForce, one));
  const [counts] = watch.take();
  return counts === undefined
    ? 'nothing'
    : {
        own: [counts.own.requests, counts.own.errors],
        legacy: [counts.legacy.requests, counts.legacy.errors],
      };
}

describe('FeatureWatch counts', () => {
  it('both sides of a feature’s routes', () => {
    expect(counted({}, { status: 503 }, { side: 'legacy' }, { side: 'legacy', status: 500 }, {})).toEqual({
      own: [3, 1],
      legacy: [2, 1],
    });
  });

  it.each([200, 204, 301, 404, 429])('%i as well done', (status) => {
    expect(counted({ status })).toEqual({ own: [1, 0], legacy: [0, 0] });
  });

  it.each<[Failure, number]>([
    ['connect_refused', 502],
    ['connect_timeout', 504],
    ['dns', 502],
    ['tls', 502],
    ['reset', 502],
    ['bad_response', 502],
    ['response_timeout', 504],
    ['idle_timeout', 504],
    ['deadline', 504],
    ['no_endpoint', 503],
    ['breaker_open', 503],
    ['over_capacity', 503],
    // After the head was sent: the client saw half an answer.
    ['reset', 200],
  ])('%s (%i) as an error', (failure, status) => {
    expect(counted({ failure, status })).toEqual({ own: [1, 1], legacy: [0, 0] });
  });

  it.each<[string, Said]>([
    ['testers', { reason: 'tester', status: 500 }],
    ['clients that left', { failure: 'client_closed', status: 499 }],
    ['501: not built here yet', { status: 501 }],
    ['a body too large', { failure: 'body_too_large', status: 413 }],
    ['what the router ended', { failure: 'draining', status: 503 }],
    ['faults of the router', { failure: 'internal', status: 500 }],
    ['upgrades', { upgraded: true, status: 101 }],
    ['event streams', { eventStream: true, status: 200, failure: 'reset' }],
    ['what fell back since it is not built yet', { hidden: 501, backend: 'legacy' } as Said],
  ])('nothing of %s', (_, said) => {
    expect(counted(said)).toBe('nothing');
  });

  it('what a fallback hid, and not how fast legacy was then', () => {
    const watch = new FeatureWatch();
    const inForce = table();
    watch.tableChanged(inForce);
    for (const hidden of ['reset', 503, 'breaker_open'] as const)
      watch.finished(outcome(inForce, { hidden, status: 200 }));
    expect(watch.take()).toMatchObject([{ own: { requests: 3, errors: 3, times: [] } }]);
  });

  it('durations of answers, where a limit asks for them', () => {
    const watch = new FeatureWatch();
    watch.tableChanged(table());
    watch.finished(outcome(table(), { backendMs: 10 }));
    watch.finished(outcome(table(), { backendMs: 10 }));
    watch.finished(outcome(table(), { failure: 'reset', status: 502, backendMs: null }));
    expect(watch.take()[0]?.own.times).toEqual([107, 2]);
    const without = table({ autoRollback: { ...LIMITS, p95: { maxMs: null, timesLegacy: null } } });
    watch.tableChanged(tableOf([]));
    watch.tableChanged(without);
    watch.finished(outcome(without, { backendMs: 10 }));
    expect(watch.take()[0]?.own.times).toEqual([]);
  });
});

describe('FeatureWatch takes an answer that did not come in time', () => {
  const slow = (inForce: RouteTable, said: Said): readonly number[] | undefined => {
    const watch = new FeatureWatch();
    watch.tableChanged(inForce);
    watch.finished(outcome(inForce, { backendMs: null, ...said }));
    return watch.take()[0]?.[said.side === 'legacy' ? 'legacy' : 'own'].times;
  };
  const limited = table();
  const own = limited.features['orders']!.backend.timeouts.responseMs;

  it.each<[string, Said]>([
    ['failed', { failure: 'response_timeout', status: 504 }],
    ['hidden by a fallback', { hidden: 'response_timeout', backendMs: 3 }],
    ['of legacy', { side: 'legacy', failure: 'response_timeout', status: 504 }],
  ])('for one that took longer than its limit: %s', (_, said) => {
    expect(slow(limited, said)).toEqual([firstBucketAbove(own), 1]);
  });

  it('the limit of the route, where it has one', () => {
    const route = limited.routes[0]!;
    const timeouts = { ...route.policy.timeouts, responseMs: 250 };
    const routes = [{ ...route, policy: { ...route.policy, timeouts } }];
    const said: Said = { failure: 'response_timeout', status: 504 };
    expect(slow({ ...limited, routes }, said)).toEqual([firstBucketAbove(250), 1]);
    expect(slow({ ...limited, routes }, { ...said, side: 'legacy' })).toEqual([firstBucketAbove(own), 1]);
  });

  it('and nothing else that failed', () => {
    for (const failure of ['connect_timeout', 'idle_timeout', 'deadline', 'reset'] as const)
      expect(slow(limited, { failure, status: 504 })).toEqual([]);
    expect(slow(limited, { hidden: 503, failure: 'response_timeout', status: 504 })).toEqual([]);
  });
});

describe('FeatureWatch', () => {
  it('gives each count once', () => {
    const watch = new FeatureWatch();
    watch.tableChanged(table());
    watch.finished(outcome(table(), {}));
    expect([watch.take().length, watch.take().length]).toEqual([1, 0]);
  });

  it('goes on over a reload, and begins anew with another block; stragglers of the old one are dropped', () => {
    const watch = new FeatureWatch();
    const [before, after] = [table({ definition: 'one' }), table({ definition: 'two' })];
    watch.tableChanged(before);
    watch.finished(outcome(before, {}));
    watch.tableChanged(table({ definition: 'one' }));
    expect(watch.take()).toMatchObject([{ definition: 'one', own: { requests: 1 } }]);
    watch.finished(outcome(before, {}));
    watch.tableChanged(after);
    watch.finished(outcome(before, {}));
    expect(watch.take()).toEqual([]);
    watch.finished(outcome(after, {}));
    expect(watch.take()).toMatchObject([{ definition: 'two' }]);
  });

  it.each<Stage>(['legacy', 'shadow', 'done'])('leaves stage %s alone', (stage) => {
    const watch = new FeatureWatch();
    watch.tableChanged(table({}, stage));
    watch.finished(outcome(table({}, stage), { status: 500 }));
    expect(watch.take()).toEqual([]);
  });
});
