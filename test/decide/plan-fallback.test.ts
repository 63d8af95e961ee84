import { describe, expect, test } from 'vitest';
import { NEVER_ROLLED_BACK, planAll } from '../../src/decide/plan-routes.ts';
import type { ForwardDecision } from '../../src/model/decision.ts';
import type { Fallback, Feature, RoutePolicy, Stage } from '../../src/model/route-table.ts';
import { type TableSketch, tableOf } from '../support/table.ts';

const FALLBACK: Fallback = { when: ['connect', '503'], maxBody: 7, maxInFlight: 3 };
const CANARY: Feature['canary'] = { shareHundredths: 1_000, by: [{ kind: 'place' }] };

interface Given {
  readonly stage?: Stage;
  readonly policy?: Partial<RoutePolicy>;
  readonly sketch?: TableSketch;
}

function plansOf({ stage = 'live', policy = {}, sketch = {} }: Given) {
  const table = tableOf([{ prefix: '/orders', to: 'orders', policy }], {
    stages: { orders: stage },
    features: {
      orders: { fallback: FALLBACK, canary: CANARY, testers: { cookies: [['t', '1']], headers: [] } },
    },
    ...sketch,
  });
  const [plan] = planAll(table, NEVER_ROLLED_BACK);
  if (plan === undefined) throw new Error('no plan');
  return { table, plan };
}

const forward = (decision: unknown): ForwardDecision => decision as ForwardDecision;

describe('a fallback', () => {
  test('is legacy for the same route, alone', () => {
    const { table, plan } = plansOf({});
    const { fallback } = forward(plan.decision);
    expect(fallback?.decision).toEqual({
      kind: 'forward',
      route: table.routes[0],
      side: 'legacy',
      backend: table.legacy,
      feature: table.features['orders'],
      reason: 'stage',
      fallback: null,
      either: null,
      shadow: null,
      copy: null,
    });
    expect(fallback).toMatchObject({ maxBody: 7, maxInFlight: 3 });
    expect([...(fallback?.when ?? [])]).toEqual([
      ['connect_refused', 'connect'],
      ['connect_timeout', 'connect'],
      ['dns', 'connect'],
      ['tls', 'connect'],
      ['no_endpoint', 'connect'],
      ['breaker_open', 'connect'],
      [503, '503'],
    ]);
    expect(Object.isFrozen(fallback)).toBe(true);
  });

  test('is there wherever a canary gives the feature, and nowhere else', () => {
    const { plan } = plansOf({ stage: 'canary' });
    expect(forward(plan.canary?.inside.decision).fallback).not.toBeNull();
    expect(forward(plan.testers?.decision).fallback).not.toBeNull();
    for (const choice of [plan.canary?.outside, plan.canary?.withoutKey, plan.rollback, plan])
      expect(forward(choice?.decision).fallback).toBeNull();
  });

  test.each<Stage>(['legacy', 'shadow', 'done'])('is inactive in stage %s', (stage) => {
    const { plan } = plansOf({ stage });
    expect(forward(plan.decision).fallback).toBeNull();
    expect(plan.testers === null || forward(plan.testers.decision).fallback === null).toBe(true);
  });

  test.each<[string, Given, number]>([
    ['the two sides’ times', {}, 120_000],
    [
      'the route’s own time counts',
      { policy: { timeouts: { connectMs: null, responseMs: 5_000, idleMs: null } } },
      65_000,
    ],
    [
      'the feature’s',
      { sketch: { backends: { orders: { timeouts: { connectMs: 1, responseMs: 10, idleMs: 1 } } } } },
      60_010,
    ],
    [
      'none if the feature has no limit',
      { sketch: { backends: { orders: { timeouts: { connectMs: 1, responseMs: 0, idleMs: 1 } } } } },
      0,
    ],
    [
      'none if legacy has none',
      { sketch: { legacy: { timeouts: { connectMs: 1, responseMs: 0, idleMs: 1 } } } },
      0,
    ],
    ['what is written', { policy: { deadlineMs: 3 } }, 3],
    ['what is written, if it is none', { policy: { deadlineMs: 0 } }, 0],
  ])('has a deadline: %s', (_what, given, expected) => {
    const features = { orders: { fallback: FALLBACK } };
    const { plan } = plansOf({ ...given, sketch: { features, ...given.sketch } });
    expect(forward(plan.decision).fallback?.deadlineMs).toBe(expected);
  });
});

describe('either', () => {
  const policy = { either: true };
  const other = (decision: unknown): string => {
    const { either } = forward(decision);
    return either === null ? 'nobody' : `${either.side} ${either.backend.name}`;
  };

  test('asks the other side, whichever was decided on', () => {
    const { plan } = plansOf({ stage: 'canary', policy });
    expect(other(plan.canary?.inside.decision)).toBe('legacy legacy');
    expect(other(plan.canary?.outside.decision)).toBe('feature orders');
    expect(other(plan.canary?.withoutKey.decision)).toBe('feature orders');
    expect(other(plan.testers?.decision)).toBe('legacy legacy');
    expect(other(plan.rollback?.decision)).toBe('feature orders');
    expect(forward(plan.canary?.outside.decision).either).toMatchObject({ fallback: null, either: null });
  });

  test.each<[Stage, string]>([
    ['legacy', 'nobody'],
    ['shadow', 'feature orders'],
    ['live', 'legacy legacy'],
    ['done', 'nobody'],
  ])('in stage %s: %s', (stage, expected) => {
    expect(other(plansOf({ stage, policy }).plan.decision)).toBe(expected);
  });

  test('nobody while legacy_only holds', () => {
    expect(
      other(
        plansOf({ policy, sketch: { stages: { orders: 'live' }, legacyOnly: { everything: true } } }).plan
          .decision,
      ),
    ).toBe('nobody');
  });
});
