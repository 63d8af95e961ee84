import { afterEach, expect, it, vi } from 'vitest';
import { ShadowKeeper, type ShadowKeeperOptions } from '../../src/compare/shadow-keeper.ts';
import type { FeatureComparisons } from '../../src/model/shadow-report.ts';
import { comparedAs, differs, type PairSketch, reportOf, searchTable } from './reports.ts';

const keepers: ShadowKeeper[] = [];

afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.close()));
});

const TABLE = searchTable('d1', { ready: { match: 0.9, min: 50 } });

class Bench {
  readonly told: string[] = [];
  readonly troubles: string[] = [];
  readonly logged: string[] = [];
  readonly reports: FeatureComparisons[] = [];
  text: string | null;
  readonly keeper: ShadowKeeper;

  constructor(text: string | null = null, memory: Partial<NonNullable<ShadowKeeperOptions['memory']>> = {}) {
    this.text = text;
    this.keeper = new ShadowKeeper({
      takeReports: () => this.reports.splice(0),
      onCounted: () => {},
      onVerdict: (_, words) => this.told.push(words),
      onTrouble: (message) => this.troubles.push(message),
      log: {
        add: (feature, route, samples) => this.logged.push(`${feature} ${route} ${samples.length}`),
        close: async () => {},
      },
      memory: {
        read: async () => this.text,
        write: async (written) => {
          this.text = written;
        },
        ...memory,
      },
    });
    keepers.push(this.keeper);
  }

  async start(table = TABLE): Promise<this> {
    await this.keeper.restore();
    this.keeper.tableChanged(table);
    return this;
  }

  report(...pairs: (PairSketch & { times?: number })[]): void {
    this.reports.push(...reportOf(TABLE, pairs));
  }

  get compared(): number | undefined {
    return this.keeper.book.status()[0]?.readiness.compared;
  }
}

it('tells when a verdict changes, once', async () => {
  const bench = await new Bench().start();
  bench.report({ own: comparedAs(), times: 60 });
  bench.keeper.look();
  bench.report({ own: comparedAs(), times: 60 });
  bench.keeper.look();
  expect(bench.told).toEqual([expect.stringMatching(/^Ready: 60 of 60/)]);
  bench.report({ own: comparedAs(differs('$.a')), times: 60 });
  bench.keeper.look();
  expect(bench.told[1]).toMatch(/^Not ready: 60 of 180/);
  expect(bench.logged).toEqual(['search search 2']);
});

it('looks each second by itself', async () => {
  vi.useFakeTimers();
  try {
    const bench = await new Bench().start();
    bench.report({ own: comparedAs(), times: 60 });
    vi.advanceTimersByTime(1_000);
    expect(bench.compared).toBe(60);
    vi.advanceTimersByTime(10_000);
  } finally {
    vi.useRealTimers();
  }
});

it('writes at its end what it knows, and goes on with it', async () => {
  const bench = await new Bench().start();
  bench.report({ own: comparedAs(), times: 60 });
  await bench.keeper.close();
  const next = await new Bench(bench.text).start();
  expect(next.compared).toBe(60);
  // A verdict that stood before the restart is no news.
  next.keeper.look();
  expect(next.told).toEqual([]);
});

it('takes what was compared by a table that is replaced', async () => {
  const bench = await new Bench().start();
  bench.report({ own: comparedAs(), times: 60 });
  bench.keeper.tableChanged(searchTable('d1', { ready: { match: 0.9, min: 50 } }));
  expect(bench.compared).toBe(60);
});

it('begins anew where what was kept is damaged, and says so', async () => {
  const bench = await new Bench('{"version":1').start();
  expect(bench.troubles).toEqual(['what was compared before the restart cannot be read: it begins anew']);
  expect(bench.compared).toBe(0);
});

it('says that it cannot keep anything', async () => {
  const bench = await new Bench(null, { write: () => Promise.reject(new Error('full')) }).start();
  bench.report({ own: comparedAs() });
  await bench.keeper.close();
  expect(bench.troubles).toEqual(['what was compared cannot be kept: a restart would forget it']);
});
