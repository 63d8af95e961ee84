import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fallback, Feature } from '../../src/model/route-table.ts';
import type { Shadow } from '../../src/model/shadow-block.ts';
import type { Settings } from '../../src/settings.ts';
import { limitsBelowWorkers, settingsShare, shareOf, tableShare } from '../../src/workers/shares.ts';
import { tableOf } from '../support/table.ts';

const WORKERS = fc.integer({ min: 1, max: 64 });

function shares(limit: number, workers: number): number[] {
  return Array.from({ length: workers }, (_, i) => shareOf(limit, { worker: i + 1, workers }));
}

describe('shares of a limit', () => {
  it('add up to it, and differ by one at most', () => {
    fc.assert(
      fc.property(WORKERS, fc.integer({ min: 0, max: 100_000 }), (workers, more) => {
        const all = shares(workers + more, workers);
        expect(all.reduce((sum, share) => sum + share, 0)).toBe(workers + more);
        expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are 1 each when there are more workers than the limit allows', () => {
    fc.assert(
      fc.property(WORKERS, fc.integer({ min: 1, max: 64 }), (workers, limit) => {
        fc.pre(limit <= workers);
        expect(new Set(shares(limit, workers))).toEqual(new Set([1]));
      }),
    );
  });

  it('are no limit where there is none', () => {
    expect(shares(0, 3)).toEqual([0, 0, 0]);
  });
});

const limited = (maxInFlight: number) =>
  tableOf([{ prefix: '/a', to: 'orders' }], {
    backends: { orders: { maxInFlight }, legacy: { maxInFlight: 0 } },
  });

describe('the table of one worker', () => {
  it('is the same but for max_in_flight', () => {
    const table = limited(5);
    const [first, second] = [1, 2].map((worker) => tableShare(table, { worker, workers: 2 }));
    expect(first?.features['orders']?.backend.maxInFlight).toBe(3);
    expect(second?.features['orders']?.backend.maxInFlight).toBe(2);
    expect(first?.legacy).toBe(table.legacy);
    expect(first?.routes).toBe(table.routes);
    expect(first?.revision).toBe(table.revision);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('is the table itself where nothing is divided', () => {
    const table = limited(5);
    expect(tableShare(table, { worker: 1, workers: 1 })).toBe(table);
    expect(tableShare(limited(0), { worker: 1, workers: 2 }).features['orders']?.backend.maxInFlight).toBe(0);
  });

  it('is warned of where a limit is below the number of workers', () => {
    expect(limitsBelowWorkers(limited(3), 4)).toEqual([
      'max_in_flight of orders is 3 and there are 4 workers: each lets at least one through, so 4 in all',
    ]);
    expect(limitsBelowWorkers(limited(4), 4)).toEqual([]);
    expect(limitsBelowWorkers(limited(0), 4)).toEqual([]);
  });

  it('is warned of the same of fallbacks and copies', () => {
    const table = limited(0);
    const orders = table.features['orders'] as Feature;
    const warned = (more: Partial<Feature>): string[] =>
      limitsBelowWorkers({ ...table, features: { orders: { ...orders, ...more } } }, 4).map(
        (warning) => warning.split(' is ')[0] as string,
      );
    const fallback = { when: [], maxBody: 0, maxInFlight: 1 } as Fallback;
    const shadow = { maxInFlight: 2 } as Shadow;
    expect(warned({ fallback, shadow })).toEqual([
      'max_in_flight of the fallback of orders',
      'max_in_flight of the shadow of orders',
    ]);
    expect(
      warned({ fallback: { ...fallback, maxInFlight: 4 }, shadow: { ...shadow, maxInFlight: 0 } }),
    ).toEqual([]);
  });
});

it('of the settings the limits on connections and on what copies hold are divided, and the one per address is not', () => {
  const settings = {
    maxConnections: 101,
    maxConnectionsPerAddress: 10,
    maxBuffered: 1_001,
    drainTimeoutMs: 8_000,
  } as Settings;
  const share = (worker: number): Settings => settingsShare(settings, { worker, workers: 2 });
  expect(share(1)).toEqual({ ...settings, maxConnections: 51, maxBuffered: 501 });
  expect(share(2)).toEqual({ ...settings, maxConnections: 50, maxBuffered: 500 });
});
