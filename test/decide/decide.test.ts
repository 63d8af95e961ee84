import { describe, expect, test } from 'vitest';
import { decide, decideAll, decideAllInSlices } from '../../src/decide/decide.ts';
import type { Stage } from '../../src/model/route-table.ts';
import { type TableSketch, tableOf } from '../support/table.ts';

const ROUTES = [
  { name: 'orders', prefix: '/orders', to: 'orders' },
  { name: 'orders:/old', prefix: '/old', to: 'orders' },
  { name: 'legacy:/hole', prefix: '/orders/hole', to: 'legacy', pin: true },
  { name: 'gone', path: '/gone', respond: { status: 410 } },
  { name: 'moved', path: '/moved', redirect: { to: '/x' } },
];

/** `side reason` per route. */
function decided(sketch: TableSketch): Record<string, string> {
  const decisions = [...decideAll(tableOf(ROUTES, sketch)).values()];
  return Object.fromEntries(
    decisions.map((decision) => [
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
    ['stage canary, nobody having a key yet', 'canary', {}, both(STAGE)],
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
  expect(decide(table, table.routes[0]!).feature).toBe(table.features['orders']);
  expect(decide(table, table.routes[2]!).feature).toBeNull();
  expect(decide(table, table.routes[3]!).feature).toBeNull();
});

test('decisions are made once, frozen, for every route and the default', () => {
  const table = tableOf(ROUTES);
  const decisions = decideAll(table);
  expect([...decisions.keys()]).toEqual([...table.routes, table.defaultRoute]);
  for (const [route, decision] of decisions) {
    expect(decision.route).toBe(route);
    expect(Object.isFrozen(decision)).toBe(true);
  }
});

test('a route to a feature that the table does not have is a fault of the router', () => {
  const table = { ...tableOf(ROUTES), features: {} };
  expect(() => decideAll(table)).toThrow('no feature "orders"');
  const prototype = tableOf([{ prefix: '/', to: 'toString' }]);
  expect(() => decideAll({ ...prototype, features: {} })).toThrow('no feature "toString"');
});

test('made in slices they are the same, and the event loop turns in between', async () => {
  const table = tableOf(Array.from({ length: 250 }, (_, i) => ({ prefix: `/p${i}`, to: `f${i % 3}` })));
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  expect(await decideAllInSlices(table, { sliceMs: 0, pause })).toEqual(decideAll(table));
  expect(pauses).toBe(2);
});
