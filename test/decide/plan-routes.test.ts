import { describe, expect, test } from 'vitest';
import { bucketsOfPlaces } from '../../src/decide/bucket.ts';
import { NEVER_ROLLED_BACK, planAll, planAllInSlices } from '../../src/decide/plan-routes.ts';
import { planOf, usualDecision } from '../../src/decide/route-plan.ts';
import type { Canary, Stage, Testers } from '../../src/model/route-table.ts';
import { type TableSketch, tableOf } from '../support/table.ts';

const ROUTES = [
  { name: 'orders', prefix: '/orders', to: 'orders' },
  { name: 'orders:/old', prefix: '/old', to: 'orders' },
  { name: 'legacy:/hole', prefix: '/orders/hole', to: 'legacy', pin: true },
  { name: 'gone', path: '/gone', respond: { status: 410 } },
  { name: 'moved', path: '/moved', redirect: { to: '/x' } },
];

const CANARY: Canary = { shareHundredths: 1_000, by: [{ kind: 'place' }] };
const TESTERS: Testers = { cookies: [['staff', '1']], headers: [] };

/** `side reason` per route. */
function decided(sketch: TableSketch): Record<string, string> {
  const plans = planAll(tableOf(ROUTES, sketch), NEVER_ROLLED_BACK);
  return Object.fromEntries(
    plans
      .map(usualDecision)
      .map((decision) => [
        decision.route.name,
        decision.kind === 'local' ? 'local' : `${decision.backend.name} ${decision.side} ${decision.reason}`,
      ]),
  );
}

const ALWAYS = {
  'legacy:/hole': 'legacy legacy pinned',
  gone: 'local',
  moved: 'local',
  '(default)': 'legacy legacy default',
};
const both = (answer: string) => ({ ...ALWAYS, orders: answer, 'orders:/old': answer });
const FEATURE = 'orders feature stage';
const STAGE = 'legacy legacy stage';
const ONLY = 'legacy legacy legacy_only';

describe('who answers', () => {
  const named = (...names: string[]) => ({ features: names });
  test.each<[string, Stage, NonNullable<TableSketch['legacyOnly']>, Record<string, string>]>([
    ['stage legacy', 'legacy', {}, both(STAGE)],
    ['stage live', 'live', {}, both(FEATURE)],
    ['stage done', 'done', {}, both(FEATURE)],
    ['stage shadow', 'shadow', {}, both(STAGE)],
    ['legacy_only: true, stage live', 'live', { everything: true }, both(ONLY)],
    ['legacy_only: true, stage legacy', 'legacy', { everything: true }, both(ONLY)],
    ['legacy_only: true never moves done', 'done', { everything: true }, both(FEATURE)],
    ['legacy_only names the feature', 'live', named('orders'), both(ONLY)],
    ['legacy_only names the feature, which is done', 'done', named('orders'), both(FEATURE)],
    ['legacy_only names another feature', 'live', named('cart'), both(FEATURE)],
    [
      'legacy_only names one route',
      'live',
      { routes: ['orders:/old'] },
      { ...both(FEATURE), 'orders:/old': ONLY },
    ],
    [
      'legacy_only names what has no backend',
      'live',
      { routes: ['gone', 'moved', 'legacy:/hole'] },
      both(FEATURE),
    ],
  ])('%s', (_, stage, legacyOnly, expected) => {
    expect(decided({ stages: { orders: stage }, legacyOnly })).toEqual(expected);
  });
});

test('the feature is told also when legacy answers for it, and not for routes to legacy', () => {
  const table = tableOf(ROUTES, { stages: { orders: 'legacy' } });
  const plans = planAll(table, NEVER_ROLLED_BACK);
  const featureOf = (index: number) => planOf(plans, table.routes[index]!).decision.feature;
  expect(featureOf(0)).toBe(table.features['orders']);
  expect(featureOf(2)).toBeNull();
  expect(featureOf(3)).toBeNull();
});

test('decisions are made once, frozen, for every route and the default', () => {
  const table = tableOf(ROUTES);
  const plans = planAll(table, NEVER_ROLLED_BACK);
  expect(plans.length).toBe(ROUTES.length + 1);
  for (const route of [...table.routes, table.defaultRoute]) {
    const { decision } = planOf(plans, route);
    expect(decision.route).toBe(route);
    expect(Object.isFrozen(decision)).toBe(true);
  }
});

test('what no client can change has one decision for all', () => {
  const inStage = (stage: Stage) => {
    const features = { orders: { canary: CANARY, testers: TESTERS } };
    const table = tableOf(ROUTES, { stages: { orders: stage }, features });
    const { testers, canary } = planOf(planAll(table, NEVER_ROLLED_BACK), table.routes[0]!);
    return { testers: testers !== null, canary: canary !== null };
  };
  const nobody = { testers: false, canary: false };
  expect(inStage('legacy')).toEqual(nobody);
  expect(inStage('shadow')).toEqual({ testers: true, canary: false });
  expect(inStage('canary')).toEqual({ testers: true, canary: true });
  expect(inStage('live')).toEqual(nobody);
  expect(inStage('done')).toEqual(nobody);
});

test('a rollback counts as soon as it is there, where the stage may give requests to the feature', () => {
  const lever = { isRolledBack: false };
  const now = (stage: Stage) => {
    const table = tableOf(ROUTES, { stages: { orders: stage }, features: { orders: { canary: CANARY } } });
    const plan = planOf(planAll(table, { of: () => lever }), table.routes[0]!);
    const before = usualDecision(plan);
    lever.isRolledBack = true;
    const after = usualDecision(plan);
    lever.isRolledBack = false;
    return [before, after].map((decision) => (decision.kind === 'local' ? '' : decision.reason));
  };
  expect(now('legacy')).toEqual(['stage', 'stage']);
  expect(now('canary')).toEqual(['bucket', 'rollback']);
  expect(now('live')).toEqual(['stage', 'rollback']);
  expect(now('done')).toEqual(['stage', 'stage']);
});

test('routes of a feature share its buckets', () => {
  const features = { orders: { canary: CANARY } };
  const table = tableOf(ROUTES, { stages: { orders: 'canary' }, features });
  const [first, second] = planAll(table, NEVER_ROLLED_BACK).map(({ canary }) => canary?.keys.buckets);
  expect(first).toBeInstanceOf(Uint16Array);
  expect(first).toBe(second);
});

test('a table waits for no permutation: each is made for the first request that needs it', () => {
  const names = Array.from({ length: 300 }, (_, i) => `feature-${i}`);
  const entries = <T>(value: T) => Object.fromEntries(names.map((name) => [name, value]));
  const table = tableOf(
    names.map((name) => ({ name, prefix: `/${name}`, to: name })),
    { stages: entries('canary' as const), features: entries({ canary: CANARY }) },
  );
  const msOf = (action: () => unknown): number => {
    const from = performance.now();
    action();
    return performance.now() - from;
  };
  const permutationsMs = msOf(() => names.map(bucketsOfPlaces));
  expect(msOf(() => planAll(table, NEVER_ROLLED_BACK))).toBeLessThan(permutationsMs / 4);
});

test('a route to a feature that the table does not have is a fault of the router', () => {
  const table = { ...tableOf(ROUTES), features: {} };
  expect(() => planAll(table, NEVER_ROLLED_BACK)).toThrow('no feature "orders"');
  const prototype = tableOf([{ prefix: '/', to: 'toString' }]);
  expect(() => planAll({ ...prototype, features: {} }, NEVER_ROLLED_BACK)).toThrow('no feature "toString"');
  const canary = tableOf(ROUTES, { stages: { orders: 'canary' } });
  expect(() => planAll(canary, NEVER_ROLLED_BACK)).toThrow('has no canary');
});

test('made in slices they are the same, and the event loop turns in between', async () => {
  const table = tableOf(Array.from({ length: 250 }, (_, i) => ({ prefix: `/p${i}`, to: `f${i % 3}` })));
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const inSlices = await planAllInSlices(table, NEVER_ROLLED_BACK, { sliceMs: 0, pause });
  expect(inSlices).toEqual(planAll(table, NEVER_ROLLED_BACK));
  expect(pauses).toBe(250);
});
