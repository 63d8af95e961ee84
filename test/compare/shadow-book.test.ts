import { describe, expect, it } from 'vitest';
import { readCompared } from '../../src/compare/read-compared.ts';
import { type Counted, ShadowBook } from '../../src/compare/shadow-book.ts';
import { comparedText } from '../../src/compare/shadow-file.ts';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import type { RouteTable } from '../../src/model/route-table.ts';
import type { MismatchSample, ShadowStatus } from '../../src/model/shadow-report.ts';
import { shadowWords } from '../../src/model/shadow-words.ts';
import { comparedAs, differs, type PairSketch, reportOf, searchTable } from './reports.ts';

const MATCH = comparedAs();
const ORIGIN = differs('$.items[*].origin', { kind: 'missing', legacy: '"Andes"', feature: null });
const PRICE = differs('$.items[*].price', { legacy: '10.73', feature: '10.72', apart: 0.01 });
const TIME = differs('$.generatedAt');
const ID = differs('$.searchId');

class Bench {
  readonly counted: Counted[] = [];
  readonly samples: MismatchSample[] = [];
  time = 1_000;
  readonly book = new ShadowBook({
    time: () => this.time,
    onCounted: (counted) => this.counted.push(counted),
    onSamples: (_, __, samples) => this.samples.push(...samples),
  });
  table: RouteTable = searchTable();

  constructor() {
    this.book.tableChanged(this.table);
  }

  add(...pairs: (PairSketch & { times?: number })[]): this {
    this.book.add(reportOf(this.table, pairs));
    return this;
  }

  get status(): ShadowStatus {
    return this.book.status()[0] as ShadowStatus;
  }

  get route() {
    const { fields, noise, counts } = this.status.routes[0] as ShadowStatus['routes'][number];
    return {
      counts,
      fields: fields.map(({ field, count }) => `${field} ${count}`),
      noise: noise.filter(({ isLearnt }) => isLearnt).map(({ field }) => field),
    };
  }
}

describe('what was compared', () => {
  it('is counted by what became of it, and by field', () => {
    const bench = new Bench().add(
      { own: MATCH, times: 5 },
      { own: comparedAs(ORIGIN, PRICE), times: 3 },
      { own: comparedAs(ORIGIN), times: 2 },
      { own: { result: 'not_built', reason: null, differences: [] } },
      { own: { result: 'skipped', reason: 'too large when decoded', differences: [] } },
      { own: { result: 'error', reason: 'reset', differences: [] } },
    );
    const counts = { match: 5, noise: 0, mismatch: 5, notBuilt: 1, skipped: 1, error: 1 };
    expect(bench.route).toEqual({
      counts,
      fields: ['$.items[*].origin 5', '$.items[*].price 3'],
      noise: [],
    });
    expect(bench.counted.map((counted) => counted.counts)).toEqual([counts]);
    const [origin, price] = bench.status.routes[0]?.fields ?? [];
    expect(origin?.examples).toEqual([{ legacy: '"Andes"', feature: null }]);
    expect(price).toMatchObject({ apart: 0.01, lastAt: 1_000 });
    expect(bench.status.routes[0]?.reasons).toEqual([
      ['too large when decoded', 1],
      ['reset', 1],
    ]);
  });

  it('counts what was not answered, or not built without a fallback, against the feature', () => {
    const bench = new Bench().add(
      { own: MATCH, times: 6 },
      { own: { result: 'error', reason: 'reset', differences: [] }, times: 2 },
      { own: { result: 'not_built', reason: null, differences: [] }, times: 2 },
    );
    expect(bench.status.readiness).toMatchObject({ compared: 10, same: 6 });
    const when = ['connect', '501'] as const;
    const fallback = { when, maxBody: 0, maxInFlight: 0 };
    const { search } = bench.table.features;
    bench.book.tableChanged({ ...bench.table, features: { search: { ...search, fallback } as never } });
    expect(bench.status.readiness).toMatchObject({ compared: 8, same: 6 });
    expect(shadowWords(bench.status)).toContain(
      'The feature said 2 times that something is not built yet (501): legacy answers that',
    );
  });

  it('begins anew when the block is edited, and goes on when another is', () => {
    const bench = new Bench().add({ own: MATCH, times: 5 });
    bench.time = 2_000;
    bench.book.tableChanged(searchTable());
    expect(bench.status).toMatchObject({ since: 1_000, counts: { match: 5 } });
    const edited = searchTable('d2');
    bench.book.tableChanged(edited);
    expect(bench.status).toMatchObject({ since: 2_000, counts: { match: 0 } });
    bench.add({ own: MATCH, times: 5 });
    expect(bench.status.counts.match).toBe(0);
    bench.table = edited;
    bench.add({ own: MATCH, times: 5 });
    expect(bench.status.counts.match).toBe(5);
  });

  it('knows latencies of both sides', () => {
    const bench = new Bench().add(
      { own: MATCH, legacyMs: 20, featureMs: 10, times: 50 },
      { own: MATCH, legacyMs: 40, featureMs: 20, times: 5, route: 'suggest' },
    );
    const { legacyP50, featureP50, ratio } = bench.status.times;
    expect(legacyP50 ?? 0).toBeGreaterThanOrEqual(20);
    expect(legacyP50 ?? 0).toBeLessThanOrEqual(22);
    expect(featureP50 ?? 0).toBeGreaterThanOrEqual(10);
    expect(ratio).toBeCloseTo(0.5, 1);
  });
});

describe('noise', () => {
  it('is what differs between two answers of legacy, twice', () => {
    const bench = new Bench().add({ own: comparedAs(TIME), noise: comparedAs(TIME) });
    expect(bench.route).toMatchObject({ noise: [], counts: { mismatch: 1, noise: 0 } });
    bench.add({ own: comparedAs(TIME), noise: comparedAs(TIME) });
    expect(bench.route).toMatchObject({ noise: ['$.generatedAt'], counts: { mismatch: 0, noise: 2 } });
  });

  it('explains what came before it was learnt, and leaves what is real', () => {
    const bench = new Bench().add(
      { own: comparedAs(TIME, ID), times: 200 },
      { own: comparedAs(TIME, ID, ORIGIN), times: 30 },
    );
    expect(bench.route.counts).toMatchObject({ mismatch: 230, noise: 0 });
    bench.add({ own: comparedAs(TIME, ID), noise: comparedAs(TIME, ID), times: 2 });
    expect(bench.route).toEqual({
      counts: { match: 0, noise: 202, mismatch: 30, notBuilt: 0, skipped: 0, error: 0 },
      fields: ['$.items[*].origin 30'],
      noise: ['$.generatedAt', '$.searchId'],
    });
  });

  it('never covers a status, nor a body as a whole', () => {
    const whole = ['status', 'body', 'text', 'more fields'].map((field) => differs(field));
    const bench = new Bench();
    for (const difference of whole)
      bench.add({ own: comparedAs(difference), noise: comparedAs(difference), times: 5 });
    expect(bench.route).toMatchObject({ noise: [], counts: { mismatch: 20, noise: 0 } });
    expect(bench.status.routes[0]).toMatchObject({ noisePairs: 20, noiseUnsteady: 5 });
  });

  it('of a value does not cover that the field is missing', () => {
    const missing = differs('$.generatedAt', { kind: 'missing', feature: null });
    const bench = new Bench().add({ own: comparedAs(missing), noise: comparedAs(TIME), times: 5 });
    expect(bench.route).toMatchObject({ noise: ['$.generatedAt'], counts: { mismatch: 5, noise: 0 } });
  });

  it('of a field that comes and goes covers both ways', () => {
    const extra = differs('$.ad', { kind: 'extra', legacy: null });
    const missing = differs('$.ad', { kind: 'missing', feature: null });
    const bench = new Bench().add({ own: comparedAs(missing), noise: comparedAs(extra), times: 3 });
    expect(bench.route.counts).toMatchObject({ mismatch: 0, noise: 3 });
  });

  it('is forgotten when it is not seen any more, and outlives an edit', () => {
    const bench = new Bench().add({ own: comparedAs(TIME), noise: comparedAs(TIME), times: 50 });
    const edited = searchTable('d2');
    bench.book.tableChanged(edited);
    bench.table = edited;
    bench.add({ own: comparedAs(TIME) });
    expect(bench.route).toMatchObject({ noise: ['$.generatedAt'], counts: { noise: 1, mismatch: 0 } });
    bench.add({ own: MATCH, noise: MATCH, times: 400 });
    expect(bench.route.noise).toEqual(['$.generatedAt']);
    bench.add({ own: MATCH, noise: MATCH, times: 40 });
    bench.add({ own: comparedAs(TIME) });
    expect(bench.route).toMatchObject({ noise: [], counts: { noise: 1, mismatch: 1 } });
  });

  it('is forgotten where the field is ignored from now on', () => {
    const bench = new Bench().add({ own: comparedAs(TIME, ID), noise: comparedAs(TIME, ID), times: 5 });
    const { compare } = DEFAULT_SHADOW;
    bench.book.tableChanged(searchTable('d2', { compare: { ...compare, ignore: ['$.generatedAt'] } }));
    expect(bench.route.noise).toEqual(['$.searchId']);
  });

  it('is not learnt of what differed once in a while', () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i++)
      bench.add({ own: MATCH, noise: MATCH, times: 199 }, { own: MATCH, noise: comparedAs(PRICE) });
    expect(bench.route.noise).toEqual([]);
  });
});

describe('samples', () => {
  it('are the last, are bounded, and hold no noise and no secret', () => {
    const bench = new Bench().add({ own: comparedAs(TIME), noise: comparedAs(TIME), times: 3 });
    for (let i = 0; i < 80; i++)
      bench.add({
        own: comparedAs(TIME, differs(`$.f${i}`)),
        target: `/s?token=hush&mail=jo%40shop.test&n=${i}`,
      });
    const samples = bench.status.routes[0]?.samples ?? [];
    expect(samples).toHaveLength(50);
    expect(samples[0]?.target).toBe('/s?token=***&mail=***&n=79');
    expect(samples[0]?.differences.map(({ field }) => field)).toEqual(['$.f79']);
    expect(bench.samples.length).toBeGreaterThanOrEqual(80);
    expect(bench.samples.flatMap(({ differences }) => differences)).not.toContainEqual(TIME);
  });

  it('and all else stay bounded whatever comes', () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i++) {
      const pairs = Array.from({ length: 1_000 }, (_, n) => ({
        own: comparedAs(differs(`$.f${i * 1_000 + n}`)),
      }));
      bench.add(...pairs);
    }
    expect(bench.route.counts.mismatch).toBe(20_000);
    expect(comparedText(bench.book.memories()).length).toBeLessThan(300_000);
  });
});

describe('the verdict', () => {
  it('is said in words', () => {
    const bench = new Bench();
    expect(shadowWords(bench.status)).toBe(
      'Too little data: nothing was compared yet; 2 000 comparisons are needed.',
    );
    bench.add({ own: MATCH, times: 1_500 });
    expect(shadowWords(bench.status)).toBe(
      'Too little data: 1 500 of 1 500 answers were the same so far. At least 500 more comparisons are needed.',
    );
    bench.add({ own: MATCH, times: 500 });
    expect(shadowWords(bench.status)).toBe(
      'Ready: 2 000 of 2 000 answers were the same. With 95 % confidence that makes at least 99.8 %; 99.5 % are asked for. Few answers were compared on "suggest" (0).',
    );
    bench.add({ own: comparedAs(ORIGIN), times: 100 });
    expect(shadowWords(bench.status)).toBe(
      'Not ready: 100 of 2 100 answers differed (4.77 %; 0.5 % may). Most often "origin" in the entries of "items" is missing (100 times).',
    );
  });

  it('of a busy route does not hide another that never matches', () => {
    const bench = new Bench().add(
      { own: MATCH, times: 10_000 },
      { own: comparedAs(ORIGIN), times: 5, route: 'suggest' },
    );
    expect(bench.status.readiness.kind).toBe('not_ready');
    expect(shadowWords(bench.status)).toBe(
      'Not ready: 5 of 5 answers differed (100 %; 0.5 % may). Most often "origin" in the entries of "items" is missing (5 times). That is route "suggest" alone; of all answers it is 5 of 10 005 (0.05 %).',
    );
    const once = new Bench().add(
      { own: MATCH, times: 10_000 },
      { own: comparedAs(ORIGIN), route: 'suggest' },
    );
    expect(once.status.readiness.kind).toBe('ready');
  });
});

describe('what is kept', () => {
  it('goes on after a restart', () => {
    const bench = new Bench().add(
      { own: comparedAs(TIME, PRICE), noise: comparedAs(TIME), times: 5 },
      { own: MATCH, times: 7 },
    );
    const { samples, ...route } = bench.status.routes[0] as ShadowStatus['routes'][number];
    expect(samples.length).toBeGreaterThan(0);
    const restored = restoredBook(bench);
    expect(restored).toMatchObject({ since: 1_000 });
    expect(restored.routes[0]).toEqual({ ...route, samples: [] });
  });

  it('is dropped when the block was edited meanwhile, but for noise', () => {
    const bench = new Bench().add({ own: comparedAs(TIME), noise: comparedAs(TIME), times: 5 });
    const restored = restoredBook(bench, 'd2');
    expect(restored.counts).toMatchObject({ noise: 0, mismatch: 0 });
    expect(restored.routes[0]?.noise).toMatchObject([{ field: '$.generatedAt', isLearnt: true }]);
  });

  it.each(['', '{', '[]', '{"version":2,"features":[]}', '{"version":1,"features":[{}]}', 'null'])(
    'is none where the file holds %j',
    (text) => {
      expect(readCompared(text)).toBeNull();
    },
  );
});

function restoredBook(bench: Bench, definition = 'd1'): ShadowStatus {
  const book = new ShadowBook({ time: () => 9_000, onCounted: () => {}, onSamples: () => {} });
  book.restore(readCompared(comparedText(bench.book.memories())) ?? []);
  book.tableChanged(searchTable(definition));
  return book.status()[0] as ShadowStatus;
}
