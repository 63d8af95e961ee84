import { describe, expect, it } from 'vitest';
import { createSwitches } from '../../src/live/feature-switches.ts';
import { rollbackLine } from '../../src/live/rollback-news.ts';
import { Rollbacks } from '../../src/live/rollbacks.ts';
import type { Rollback } from '../../src/model/feature-counts.ts';
import type { AutoRollback, Feature, RouteTable } from '../../src/model/route-table.ts';
import { tableOf } from '../support/table.ts';

const LIMITS: AutoRollback = {
  windowMs: 60_000,
  minRequests: 200,
  errors: { max: 0.05, aboveLegacy: 0.01 },
  p95: { maxMs: null, timesLegacy: null },
  holdMs: null,
};
/** Wall clock when the monotonic one says 0. */
const EPOCH = Date.UTC(2026, 0, 1);

function tableWith(feature: Partial<Feature> = {}): RouteTable {
  return tableOf([{ name: 'orders', to: 'orders' }], {
    features: { orders: { autoRollback: LIMITS, definition: 'one', ...feature } },
  });
}

function setUp(kept: readonly Rollback[] = [], table = tableWith()) {
  const clock = { now: 0, wallAhead: 0 };
  const news: string[] = [];
  const switches = createSwitches();
  let saved: readonly Rollback[] = [];
  const rollbacks = new Rollbacks({
    now: () => clock.now,
    time: () => EPOCH + clock.now + clock.wallAhead,
    onChange: (rolledBack) => switches.use(rolledBack),
    onNews: (one) => void news.push(one.kind === 'ended' ? `ended: ${one.by}` : one.kind),
    save: (all) => {
      saved = all;
    },
  });
  rollbacks.restore(kept);
  rollbacks.tableChanged(table);
  const second = (own: [requests: number, errors: number], legacy: [number, number] = [0, 0]): void => {
    clock.now += 1_000;
    const of = ([requests, errors]: [number, number]) => ({ requests, errors, times: [] });
    rollbacks.add([{ feature: 'orders', definition: 'one', own: of(own), legacy: of(legacy) }]);
    rollbacks.look();
  };
  const trip = (): void => {
    for (let i = 0; i < 10; i++) second([50, 25]);
  };
  const orders = switches.of('orders');
  return {
    clock,
    news,
    rollbacks,
    second,
    trip,
    orders,
    saved: () => saved,
    status: () => rollbacks.status()[0],
  };
}

describe('a feature that fails', () => {
  it('is rolled back as soon as that is proven', () => {
    const { second, orders, news, status, saved } = setUp();
    for (let i = 0; i < 3; i++) second([50, 0], [50, 0]);
    for (let i = 0; i < 60 && !orders.isRolledBack; i++) second([50, i % 2 === 0 ? 3 : 2], [50, 0]);
    expect(news).toEqual(['rolled_back']);
    expect(status()).toMatchObject({
      verdict: { kind: 'rolled_back', missing: null },
      rollback: { feature: 'orders', definition: 'one', until: null, count: 1 },
    });
    expect(saved()).toHaveLength(1);
    expect(saved()[0]?.why).toMatch(
      /^in the last 60 s \d+ of \d+ requests failed \([\d.]+ %\), 0 of legacy's/,
    );
  });

  it('stays so until its block is edited: a reload of the same changes nothing', () => {
    const { clock, trip, orders, news, rollbacks, second } = setUp();
    trip();
    clock.now += 30 * 24 * 3_600_000;
    rollbacks.look();
    rollbacks.tableChanged(tableWith());
    second([50, 50]);
    expect([orders.isRolledBack, news]).toEqual([true, ['rolled_back']]);
    rollbacks.tableChanged(tableWith({ definition: 'two' }));
    expect([orders.isRolledBack, news]).toEqual([false, ['rolled_back', 'ended: edited']]);
  });

  it('is free again when it leaves the file, or loses the block', () => {
    for (const next of [tableOf([]), tableWith({ autoRollback: null, definition: 'two' })]) {
      const { trip, orders, rollbacks, saved } = setUp();
      trip();
      rollbacks.tableChanged(next);
      expect([orders.isRolledBack, saved()]).toEqual([false, []]);
    }
  });

  it('with a time is free again after it, for twice as long each time', () => {
    const table = tableWith({ autoRollback: { ...LIMITS, holdMs: 600_000 } });
    const { clock, trip, orders, news, rollbacks, status } = setUp([], table);
    const lengths = [1, 2, 3].map((count) => {
      trip();
      expect(status()?.rollback?.count).toBe(count);
      const from = clock.now;
      while (orders.isRolledBack) {
        clock.now += 10_000;
        rollbacks.look();
      }
      return Math.round((clock.now - from) / 600_000);
    });
    expect(lengths).toEqual([1, 2, 4]);
    expect(news.filter((kind) => kind === 'ended: time_is_up')).toHaveLength(3);
    expect(status()?.verdict).toMatchObject({ kind: 'too_little_data', own: { requests: 0 } });
  });

  it('is not held for longer by a wall clock that jumps', () => {
    const table = tableWith({ autoRollback: { ...LIMITS, holdMs: 600_000 } });
    const { clock, trip, orders, rollbacks } = setUp([], table);
    trip();
    for (const wallAhead of [-3_600_000, 3_600_000]) {
      clock.wallAhead = wallAhead;
      rollbacks.look();
      expect(orders.isRolledBack).toBe(true);
    }
    clock.now += 600_000;
    rollbacks.look();
    expect(orders.isRolledBack).toBe(false);
  });
});

describe('a feature that does not', () => {
  it('says how much is missing at one request a minute, and nothing happens', () => {
    const { clock, rollbacks, second, orders, news, status } = setUp();
    for (let minute = 0; minute < 600; minute++) {
      second([1, 1], [1, 0]);
      clock.now += 59_000;
      rollbacks.look();
    }
    expect([orders.isRolledBack, news]).toEqual([false, []]);
    expect(status()?.verdict).toMatchObject({
      kind: 'too_little_data',
      missing: { side: 'feature', requests: 199 },
    });
  });

  it('is within its limits', () => {
    const { second, orders, status } = setUp();
    for (let i = 0; i < 120; i++) second([50, i % 20 === 0 ? 1 : 0], [50, i % 20 === 0 ? 1 : 0]);
    expect(orders.isRolledBack).toBe(false);
    expect(status()).toMatchObject({
      verdict: { kind: 'within_limits', missing: null, own: { requests: 3_000 } },
      rollback: null,
    });
  });

  it('counts of another wording of its block are dropped', () => {
    const { rollbacks, orders, status, clock } = setUp();
    const bad = { requests: 1_000, errors: 1_000, times: [] };
    rollbacks.add([{ feature: 'orders', definition: 'zero', own: bad, legacy: bad }]);
    rollbacks.add([{ feature: 'unknown', definition: 'one', own: bad, legacy: bad }]);
    clock.now += 1_000;
    rollbacks.look();
    expect([orders.isRolledBack, status()?.verdict.own.requests]).toEqual([false, 0]);
  });

  it.each(['legacy', 'shadow', 'done'] as const)('nor in stage %s', (stage) => {
    const { trip, orders, rollbacks } = setUp([], tableWith({ stage }));
    trip();
    expect([orders.isRolledBack, rollbacks.status()]).toEqual([false, []]);
  });
});

describe('over a restart', () => {
  const kept: Rollback = {
    feature: 'orders',
    definition: 'one',
    since: EPOCH - 1,
    until: null,
    count: 2,
    why: 'x',
  };

  it('it holds while the block is the same', () => {
    const { orders, news, saved } = setUp([kept]);
    expect([orders.isRolledBack, news, saved()]).toEqual([true, ['restored'], [kept]]);
  });

  it('it is over when the block was edited meanwhile', () => {
    const { orders, news, saved } = setUp([{ ...kept, definition: 'zero' }]);
    expect([orders.isRolledBack, news, saved()]).toEqual([false, [], []]);
  });

  it('a time goes on, and never for longer than it was meant', () => {
    const table = tableWith({ autoRollback: { ...LIMITS, holdMs: 60_000 } });
    const until = { ...kept, since: EPOCH - 50_000, until: EPOCH + 10_000 };
    const { orders, clock, rollbacks } = setUp([until], table);
    clock.now += 9_999;
    rollbacks.look();
    expect(orders.isRolledBack).toBe(true);
    clock.now += 1;
    rollbacks.look();
    expect(orders.isRolledBack).toBe(false);
    // The wall clock was set back by a year.
    const later = setUp([{ ...until, since: EPOCH + 3e10, until: EPOCH + 3e10 + 60_000 }], table);
    later.clock.now += 60_000;
    later.rollbacks.look();
    expect(later.orders.isRolledBack).toBe(false);
  });

  it('one that is over makes the next hold for longer', () => {
    const table = tableWith({ autoRollback: { ...LIMITS, holdMs: 60_000 } });
    const { trip, status, orders } = setUp([{ ...kept, until: EPOCH - 5 }], table);
    expect(orders.isRolledBack).toBe(false);
    trip();
    const rollback = status()?.rollback;
    expect([rollback?.count, (rollback?.until ?? 0) - (rollback?.since ?? 0)]).toEqual([3, 240_000]);
  });
});

it('looks as often as the shortest window wants', () => {
  expect(setUp().rollbacks.everyMs).toBe(1_000);
  expect(setUp([], tableWith({ autoRollback: { ...LIMITS, windowMs: 6_000 } })).rollbacks.everyMs).toBe(300);
  expect(setUp([], tableWith({ autoRollback: { ...LIMITS, windowMs: 1_000 } })).rollbacks.everyMs).toBe(100);
});

it('the log says what happened, why, and what to do', () => {
  const rollback: Rollback = {
    feature: 'orders',
    definition: 'one',
    since: EPOCH,
    until: null,
    count: 1,
    why: 'it failed',
  };
  expect(rollbackLine({ kind: 'rolled_back', rollback })).toEqual({
    level: 'error',
    fields: { feature: 'orders', why: 'it failed', since: '2026-01-01T00:00:00.000Z', until: null, count: 1 },
    message:
      'feature "orders" is rolled back, legacy answers: it failed. Any edit of the block "orders" under features in routes.yaml ends it.',
  });
  const timed = { ...rollback, until: EPOCH + 60_000 };
  expect(rollbackLine({ kind: 'restored', rollback: timed }).message).toBe(
    'feature "orders" is still rolled back, since 2026-01-01T00:00:00.000Z: it failed. It ends by itself at 2026-01-01T00:01:00.000Z. Any edit of the block "orders" under features in routes.yaml ends it before.',
  );
  expect(rollbackLine({ kind: 'ended', rollback, by: 'edited' })).toMatchObject({
    level: 'warn',
    message: 'feature "orders" is no longer rolled back: its block in routes.yaml was edited',
  });
});
