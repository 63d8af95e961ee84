import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouteTable } from '../../src/model/route-table.ts';
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts';
import { tableOf } from '../support/table.ts';
import { keyOf, sampleValue } from './parse-exposition.ts';
import { decisionOf, outcomeOf } from './samples.ts';
import { scrape } from './scrape.ts';

const MINUTE_MS = 60_000;
const WITH = tableOf([{ name: 'orders', prefix: '/orders', to: 'orders' }]);
const WITHOUT = tableOf([]);
const GET_200 = { route: 'orders', backend: 'orders', method: 'GET', code: '200' };

/** Metrics on a clock of the test's own, with one request of the route orders. */
function counted() {
  const clock = { nowMs: 0 };
  const metrics = createMetrics({ version: '1', includeProcess: false, nowMs: () => clock.nowMs });
  metrics.tableChanged(WITH);
  const decision = decisionOf(WITH, 'orders');
  const serve = () => {
    metrics.started(decision);
    metrics.finished(outcomeOf(decision));
  };
  serve();
  const requests = async () => sampleValue(await scrape(metrics), 'banyan_requests_total', GET_200);
  return { clock, metrics, decision, serve, requests };
}

describe('series over reloads', () => {
  it('of a route that keeps its name go on', async () => {
    const { metrics, requests } = counted();
    metrics.tableChanged(tableOf([{ name: 'orders', path: '/elsewhere', to: 'orders' }]));
    expect(await requests()).toBe(1);
  });

  it('of a removed route stay ten minutes, without the info that it is in force', async () => {
    const { clock, metrics, requests } = counted();
    metrics.tableChanged(WITHOUT);
    clock.nowMs = 10 * MINUTE_MS - 1;
    expect(await requests()).toBe(1);
    const info = { route: 'orders', feature: 'orders' };
    expect(sampleValue(await scrape(metrics), 'banyan_route_info', info)).toBeUndefined();
    clock.nowMs += 1;
    expect(await requests()).toBeUndefined();
  });

  it('come back whole with a route that returns in time', async () => {
    const { clock, metrics, requests } = counted();
    metrics.tableChanged(WITHOUT);
    clock.nowMs = 9 * MINUTE_MS;
    metrics.tableChanged(WITH);
    clock.nowMs = 60 * MINUTE_MS;
    expect(await requests()).toBe(1);
  });

  it('begin anew with a table that returns too late, the very same object too', async () => {
    const { clock, metrics, serve, requests } = counted();
    metrics.tableChanged(WITHOUT);
    clock.nowMs = 11 * MINUTE_MS;
    expect(await requests()).toBeUndefined();
    metrics.tableChanged(WITH);
    expect(await requests()).toBe(0);
    serve();
    expect(await requests()).toBe(1);
  });

  it('of a removed route wait for its exchanges in flight, and ten minutes after them', async () => {
    const { clock, metrics, decision, requests } = counted();
    metrics.started(decision);
    metrics.tableChanged(WITHOUT);
    clock.nowMs = 30 * MINUTE_MS;
    expect(await requests()).toBe(1);
    metrics.finished(outcomeOf(decision));
    expect(await requests()).toBe(2);
    clock.nowMs += 10 * MINUTE_MS;
    expect(await requests()).toBeUndefined();
  });

  it('of a backend that a route left go, while the route stays', async () => {
    const { clock, metrics, requests } = counted();
    metrics.tableChanged(tableOf([{ name: 'orders', prefix: '/orders', to: 'orders-2' }]));
    expect(await requests()).toBe(1);
    clock.nowMs = 10 * MINUTE_MS;
    expect(await requests()).toBeUndefined();
    const moved = { ...GET_200, backend: 'orders-2' };
    expect(sampleValue(await scrape(metrics), 'banyan_requests_total', moved)).toBe(0);
  });
});

/** What may happen, drawn at random: a reload, a request on a route of the table in force, time. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('reload' as const), routes: fc.subarray(['a', 'b', 'c', 'd']) }),
  fc.record({
    kind: fc.constant('request' as const),
    pick: fc.nat(),
    status: fc.constantFrom(200, 404, 502),
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 9 * MINUTE_MS }) }),
);

describe('counters', () => {
  it('of routes in force never fall or vanish, whatever is reloaded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
        let nowMs = 0;
        let table: RouteTable = WITHOUT;
        let before: Counters = new Map();
        const metrics = createMetrics({ version: '1', includeProcess: false, nowMs: () => nowMs });
        metrics.tableChanged(table);
        for (const happened of events) {
          if (happened.kind === 'wait') nowMs += happened.ms;
          if (happened.kind === 'reload') {
            table = tableOf(happened.routes.map((name) => ({ name, prefix: `/${name}`, to: `f-${name}` })));
            metrics.tableChanged(table);
          }
          if (happened.kind === 'request') {
            const names = [...table.routes, table.defaultRoute].map((route) => route.name);
            const decision = decisionOf(table, names[happened.pick % names.length] as string);
            metrics.started(decision);
            metrics.finished(outcomeOf(decision, { status: happened.status }));
          }
          const after = await countersOf(metrics, table);
          expectNoneLess(before, after, table);
          before = after;
        }
      }),
      { numRuns: 60 },
    );
  });
});

function expectNoneLess(before: Counters, after: Counters, table: RouteTable): void {
  for (const [key, { route, value }] of before) {
    if (isInForce(table, route)) expect(after.get(key)?.value, key).toBeGreaterThanOrEqual(value);
  }
}

type Counters = Map<string, { readonly route: string; readonly value: number }>;

/** Every sample of the counters and histograms of routes in force, by its name and labels. */
async function countersOf(metrics: Metrics, table: RouteTable): Promise<Counters> {
  const values: Counters = new Map();
  for (const family of (await scrape(metrics)).values()) {
    if (family.type === 'gauge') continue;
    for (const sample of family.samples) {
      const route = sample.labels['route'];
      if (route !== undefined && isInForce(table, route))
        values.set(keyOf(sample), { route, value: sample.value });
    }
  }
  return values;
}

function isInForce(table: RouteTable, route: string): boolean {
  return [...table.routes, table.defaultRoute].some(({ name }) => name === route);
}

it('decisions that a canary and testers make possible stand at 0 from the start, and as soon as they are written', async () => {
  const routes = [{ name: 'orders', prefix: '/orders', to: 'orders' }];
  const canary = { shareHundredths: 100, by: [{ kind: 'place' as const }] };
  const testers = { cookies: [['staff', '1'] as const], headers: [] };
  const { metrics } = counted();
  const declared = async () =>
    ((await scrape(metrics)).get('banyan_decisions_total')?.samples ?? [])
      .filter(({ labels }) => labels['route'] === 'orders')
      .map(({ labels }) => `${labels['side']} ${labels['reason']}`);
  const byStage = ['legacy stage', 'feature stage'];
  expect(await declared()).toEqual(byStage);
  metrics.tableChanged(tableOf(routes, { features: { orders: { canary } } }));
  const byCanary = ['legacy bucket', 'feature bucket', 'legacy no_key'];
  expect(await declared()).toEqual([...byStage, ...byCanary]);
  metrics.tableChanged(tableOf(routes, { features: { orders: { canary, testers } } }));
  expect(await declared()).toEqual([...byStage, ...byCanary, 'feature tester']);
});
