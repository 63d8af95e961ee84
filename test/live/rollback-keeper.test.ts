import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readRollbacks, rollbacksText } from '../../src/live/rollback-file.ts';
import { RollbackKeeper } from '../../src/live/rollback-keeper.ts';
import type { FeatureCounts, Rollback } from '../../src/model/feature-counts.ts';
import type { AutoRollback } from '../../src/model/route-table.ts';
import type { StateFile } from '../../src/model/state-file.ts';
import { tableOf } from '../support/table.ts';

const LIMITS: AutoRollback = {
  windowMs: 10_000,
  minRequests: 100,
  errors: { max: 0.05, aboveLegacy: null },
  p95: { maxMs: null, timesLegacy: null },
  holdMs: null,
};
const TABLE = tableOf([{ to: 'orders' }], { features: { orders: { autoRollback: LIMITS } } });
const KEPT: Rollback = { feature: 'orders', definition: 'orders', since: 5, until: null, count: 1, why: 'x' };

function setUp(memory: StateFile | null) {
  const said: string[] = [];
  const rolledBack: string[][] = [];
  const none = { requests: 0, errors: 0, times: [] };
  let failing = 0;
  const keeper = new RollbackKeeper({
    takeCounts: (): FeatureCounts[] => [
      {
        feature: 'orders',
        definition: 'orders',
        own: { requests: 50, errors: failing, times: [] },
        legacy: none,
      },
    ],
    onChange: (features) => void rolledBack.push([...features]),
    onNews: ({ kind }) => void said.push(kind),
    onTrouble: (message) => void said.push(message),
    memory,
  });
  const fail = (): void => {
    failing = 25;
    vi.advanceTimersByTime(2_000);
  };
  return { keeper, said, rolledBack, fail };
}

/** What is written, in order; each write ends when it is let. */
function slowMemory(content: string | null = null) {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  const memory: StateFile = {
    read: async () => content,
    write: (text) => {
      written.push(text);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
  return { memory, written, waiting };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('RollbackKeeper', () => {
  it('counts and looks as often as the window wants, and keeps what it decides', async () => {
    const { memory, written, waiting } = slowMemory();
    const { keeper, said, rolledBack, fail } = setUp(memory);
    await keeper.restore();
    keeper.tableChanged(TABLE);
    vi.advanceTimersByTime(5_000);
    expect([said, written]).toEqual([[], []]);
    fail();
    expect(said).toEqual(['rolled_back']);
    expect(rolledBack).toEqual([[], ['orders']]);
    await vi.advanceTimersByTimeAsync(0);
    expect(readRollbacks(written[0] ?? '')).toMatchObject([{ feature: 'orders', definition: 'orders' }]);
    keeper.tableChanged(tableOf([]));
    keeper.tableChanged(tableOf([]));
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toHaveLength(1);
    waiting[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(written).toEqual([written[0], rollbacksText([])]);
    waiting[1]?.();
    await keeper.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes up what was kept, before the first table', async () => {
    const { memory, written } = slowMemory(rollbacksText([KEPT]));
    const { keeper, said, rolledBack } = setUp(memory);
    await keeper.restore();
    keeper.tableChanged(TABLE);
    expect([said, rolledBack, written]).toEqual([['restored'], [['orders']], []]);
    await keeper.close();
  });

  it.each(['', '{"version":1', '{"version":2,"rollbacks":[]}', '[]'])(
    'says that %j is damaged',
    async (text) => {
      const { keeper, said, rolledBack } = setUp(slowMemory(text).memory);
      await keeper.restore();
      keeper.tableChanged(TABLE);
      expect(said).toEqual(['what was rolled back before the restart cannot be read: nothing is']);
      expect(rolledBack).toEqual([[]]);
      await keeper.close();
    },
  );

  it('works on where nothing can be kept, and says so', async () => {
    const memory: StateFile = {
      read: async () => null,
      write: () => Promise.reject(new Error('ENOSPC')),
    };
    const { keeper, said, rolledBack, fail } = setUp(memory);
    await keeper.restore();
    keeper.tableChanged(TABLE);
    fail();
    await keeper.close();
    expect(said).toEqual(['rolled_back', 'what is rolled back cannot be kept: a restart would forget it']);
    expect(rolledBack.at(-1)).toEqual(['orders']);
  });

  it('tries again to keep what could not be kept', async () => {
    const written: string[] = [];
    const memory: StateFile = {
      read: async () => null,
      write: (text) => {
        written.push(text);
        return written.length === 1 ? Promise.reject(new Error('ENOSPC')) : Promise.resolve();
      },
    };
    const { keeper, said, fail } = setUp(memory);
    await keeper.restore();
    keeper.tableChanged(TABLE);
    fail();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toEqual([written[0], written[0]]);
    expect(said).toEqual(['rolled_back', 'what is rolled back cannot be kept: a restart would forget it']);
    await keeper.close();
  });

  it('needs no memory', async () => {
    const { keeper, said, fail } = setUp(null);
    await keeper.restore();
    keeper.tableChanged(TABLE);
    fail();
    await keeper.close();
    expect(said).toEqual(['rolled_back']);
  });
});

describe('the file', () => {
  it('gives back what was written', () => {
    const all = [KEPT, { ...KEPT, feature: 'search', until: 7 }];
    expect(readRollbacks(rollbacksText(all))).toEqual(all);
  });

  it.each<[string, unknown]>([
    ['feature', 5],
    ['definition', null],
    ['why', undefined],
    ['since', '2026'],
    ['since', 1e300],
    ['until', 'never'],
    ['count', 1.5],
  ])('with another %s (%j) is not believed', (key, value) => {
    const text = JSON.stringify({ version: 1, rollbacks: [KEPT, { ...KEPT, [key]: value }] });
    expect(readRollbacks(text)).toBe(null);
  });
});
