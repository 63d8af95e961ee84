/**
 * The example shop's rewritten search has three differences planted in it, and two kinds of noise: shadow finds exactly
 * the three, learns the two, and says so in words. Then the differences are accepted, one word after the other, until the
 * verdict is `ready`.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { runBanyan } from '../support/run-banyan.ts';
import { ANY_PORTS, type RunningDemo, startDemo } from '../support/start-demo.ts';
import { startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';

// A shop of four processes starts in each, on machines that do other things too.
vi.setConfig({ testTimeout: 90_000 });

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function demoWith(flags: readonly string[] = []): Promise<RunningDemo> {
  const demo = await startDemo([...ANY_PORTS, ...flags], { SHOP_SEARCH_SLOWNESS_MS: '0' });
  ends.push(async () => {
    demo.child.kill('SIGTERM');
    await demo.exited;
  });
  return demo;
}

interface Field {
  readonly field: string;
  readonly kind: string;
  readonly count: number;
  readonly says: string;
  readonly accept: string | null;
}

interface Page {
  readonly verdict: string;
  readonly says: string;
  readonly compared: number;
  readonly missing: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly ignore_block: string;
  readonly routes: readonly {
    readonly fields: readonly Field[];
    readonly noise: { readonly fields: readonly { readonly field: string; readonly learnt: boolean }[] };
    readonly samples: readonly { readonly served_by: string; readonly differences: readonly Field[] }[];
  }[];
}

/** A router that serves the shop. */
type Shop = Pick<RunningDemo, 'url' | 'adminUrl'>;

async function page(demo: Shop): Promise<Page> {
  return (await (await fetch(`${demo.adminUrl}/api/shadow/search`)).json()) as Page;
}

/** Puts this stage and this block into the shop's search, and waits until it is in force. */
async function shadowSearch(demo: RunningDemo, block: readonly string[], stage = 'shadow'): Promise<void> {
  const text = await readFile(demo.routesFile, 'utf8');
  const [before = '', after = ''] = text.split(/^ {2}search:\n(?: {4,}.*\n)+/m);
  const lines = [
    '  search:',
    '    url: ${SEARCH_URL:-http://search:8000}',
    `    stage: ${stage}`,
    '    shadow:',
  ];
  const revision = await revisionOf(demo);
  await writeFile(
    demo.routesFile,
    `${before}${[...lines, ...block.map((line) => `      ${line}`)].join('\n')}\n${after}`,
  );
  await eventually(
    () => revisionOf(demo),
    (now) => now !== revision,
  );
}

async function revisionOf(demo: Shop): Promise<string> {
  const config = (await (await fetch(`${demo.adminUrl}/api/config`)).json()) as { revision: string };
  return config.revision;
}

/** None of the copies is dropped. */
const ROOM = 'max_in_flight: 500';

const QUERIES = ['fern', 'plant', 'cactus', 'palm', 'tree', 'green', 'room', 'orchid'];

/** Asks the shop so often for each; waits until all of it is compared. */
async function search(demo: Shop, times: number, servedBy = 'legacy'): Promise<Page> {
  const before = (await page(demo)).compared;
  for (let i = 0; i < times; i++) {
    const answers = await Promise.all(
      QUERIES.map((query) => fetch(`${demo.url}/api/search?q=${query}&limit=50&token=hush-hush`)),
    );
    for (const answer of answers) {
      expect(answer.headers.get('x-shop-answered-by')).toBe(servedBy);
      await answer.arrayBuffer();
    }
  }
  await until(
    async () => (await page(demo)).compared,
    (compared) => compared === before + times * QUERIES.length,
    { withinMs: 30_000, what: 'all comparisons' },
  );
  return page(demo);
}

const ORIGIN = '$.items[*].origin';
const PRICE = '$.items[*].priceWithTax';
const PLANTED = { [ORIGIN]: 'missing', [PRICE]: 'value', '$.items': 'order' };
const NOISE = ['$.generatedAt', '$.searchId'];

function found({ routes }: Page): Readonly<Record<string, string>> {
  return Object.fromEntries(routes.flatMap(({ fields }) => fields).map(({ field, kind }) => [field, kind]));
}

function learnt({ routes }: Page): string[] {
  const all = routes.flatMap(({ noise }) => noise.fields).filter((noise) => noise.learnt);
  return all.map(({ field }) => field).sort();
}

describe.each([
  ['one process', []],
  ['two workers', ['--workers', '2']],
] as const)('the shop’s search, in %s', (_, flags) => {
  test('has exactly the planted differences, its noise is learnt, and both are said in words', async () => {
    const demo = await demoWith(flags);
    await shadowSearch(demo, ['noise: 20%', ROOM]);
    const first = await search(demo, 20);
    expect(found(first)).toEqual(PLANTED);
    expect(learnt(first)).toEqual(NOISE);
    expect(first.verdict).toBe('not_ready');
    expect(first.counts['noise']).toBeGreaterThan(0);
    for (const field of NOISE) expect(first.ignore_block).toContain(`          - "${field}"`);
    expect(first.routes[0]?.samples.length).toBeGreaterThan(0);
    expect(JSON.stringify(first)).not.toContain('hush-hush');

    const admin = demo.adminUrl.replace('http://', '');
    const { out, code } = await runBanyan(['mismatches', 'search', '--admin', admin]);
    expect(code).toBe(0);
    expect(out).toContain('× "origin" in the entries of "items" is missing');
    expect(out).toContain('× "priceWithTax" in the entries of "items" is another number, at most 0.01 apart');
    expect(out).toContain('× the entries of "items" come in another order');
    expect(out.match(/^ +\d+× /gm)).toHaveLength(3);
    expect(out).toContain('2 fields differ even between two answers of legacy');
    const status = await runBanyan(['status', '--admin', admin]);
    expect(status.out).toMatch(/compared: Not ready: \d+ of 160 answers differed/);
    const metrics = await (await fetch(`${demo.adminUrl}/metrics`)).text();
    const counted = (result: string) =>
      Number(
        new RegExp(`comparisons_total\\{route="search",result="${result}"\\} (\\d+)`).exec(metrics)?.[1],
      );
    expect(counted('mismatch') + counted('noise') + counted('match')).toBe(160);
  });
});

test('what is all right is written down, and the verdict goes from too little data to ready', async () => {
  const demo = await demoWith();
  const accepted = [
    ROOM,
    'ready: { match: "90%", min: 80 }',
    'compare:',
    '  ignore: ["$.generatedAt", "$.searchId", "$.items[*].origin"]',
    '  unordered: ["$.items"]',
    `  tolerance: { "${PRICE}": 0.01 }`,
  ];
  await shadowSearch(demo, accepted);
  const some = await search(demo, 5);
  expect(some).toMatchObject({ verdict: 'too_little_data', compared: 40, missing: 40 });
  expect(some.says).toContain('At least 40 more comparisons are needed');
  expect(await search(demo, 5)).toMatchObject({ verdict: 'ready', compared: 80 });

  await shadowSearch(
    demo,
    accepted.map((line) => line.replace(', "$.items[*].origin"', '')),
  );
  const strict = await search(demo, 5);
  expect(found(strict)).toEqual({ [ORIGIN]: 'missing' });
  expect(strict.verdict).toBe('not_ready');
});

test('goes on with the roles changed when the feature is live', async () => {
  const demo = await demoWith();
  await shadowSearch(demo, ['noise: 20%', ROOM, 'stages: [shadow, canary, live]'], 'live');
  const live = await search(demo, 10, 'search');
  expect(found(live)).toEqual(PLANTED);
  expect(learnt(live)).toEqual(NOISE);
  expect(new Set(live.routes[0]?.samples.map((sample) => sample.served_by))).toEqual(new Set(['feature']));
});

test('a restart with --state goes on with what was compared', async () => {
  const state = await mkdtemp(path.join(tmpdir(), 'banyan-state-'));
  ends.push(() => rm(state, { recursive: true }));
  const demo = await demoWith();
  const [legacy, , own] = demo.backends;
  const routes = `legacy: ${legacy}
features:
  search:
    url: ${own}
    stage: shadow
    shadow:
      noise: 20%
      max_in_flight: 500
routes:
  - match:
      prefix: /api/search
    to: search
`;
  const router = await startRouter(routes, { flags: ['--state', state] });
  const before = await search(router, 10);
  await router.stop();
  expect(await readFile(path.join(state, 'compared.json'), 'utf8')).not.toContain('hush-hush');

  const next = await startRouter(routes, { flags: ['--state', state] });
  ends.push(() => next.stop());
  const after = await page(next);
  expect(after.counts).toEqual(before.counts);
  expect(found(after)).toEqual(PLANTED);
  expect(learnt(after)).toEqual(NOISE);
  expect((await search(next, 1)).compared).toBe(before.compared + QUERIES.length);
});
