import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerAs, startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until } from '../support/until.ts';

/** A feature that fails goes back to legacy by itself, stays there over a restart, and comes back with an edit. */

const WINDOW_MS = 4_000;

let legacy: RawBackend;
let orders: RawBackend;
let state: string;
/** How many of a hundred requests the feature answers with 500. */
let failing = 0;

beforeAll(async () => {
  [legacy, orders] = await Promise.all([startNamed('legacy'), startNamed('orders')]);
  let count = 0;
  orders.use((request, reply) => {
    count += 1;
    if ((count * failing) % 100 < failing) reply.send(500, ['X-Answered-By: orders']);
    else return answerAs('orders', request, reply);
  });
});

beforeEach(async () => {
  failing = 0;
  state = await mkdtemp(path.join(tmpdir(), 'banyan-state-'));
  return () => rm(state, { recursive: true });
});

afterAll(async () => {
  await Promise.all([legacy.stop(), orders.stop()]);
});

function routes(limits: readonly string[], stage = 'live', more: readonly string[] = []): string {
  return [
    `legacy: ${legacy.url}`,
    'features:',
    '  orders:',
    `    url: ${orders.url}`,
    `    stage: ${stage}`,
    ...more.map((line) => `    ${line}`),
    '    auto_rollback:',
    ...limits.map((line) => `      ${line}`),
    'routes:',
    '  - match: { prefix: /orders }',
    '    to: orders',
    '',
  ].join('\n');
}

const ERRORS = [`window: ${WINDOW_MS}ms`, 'min_requests: 100', 'errors: { max: 0.5% }'];

interface RollbackView {
  readonly verdict: string;
  readonly says: string;
  readonly rolled_back: { readonly why: string; readonly ends: string; readonly until: string | null } | null;
}

interface RoutesPage {
  readonly routes: readonly { readonly name: string; readonly side: string; readonly reason: string }[];
  readonly auto_rollback: readonly RollbackView[];
}

async function rollbackOf(router: RunningRouter): Promise<RollbackView> {
  const page = (await (await fetch(`${router.adminUrl}/api/routes`)).json()) as RoutesPage;
  return page.auto_rollback[0] as RollbackView;
}

/** Asks this often a second until the feature is rolled back, or the time is up; how long it took, ms. */
async function askEvery(
  router: RunningRouter,
  { perSecond, forMs }: { readonly perSecond: number; readonly forMs: number },
  headersOf: (number: number) => readonly string[] = () => [],
): Promise<number> {
  const client = await RawClient.connect(router.port);
  const from = performance.now();
  for (let number = 0; ; number++) {
    const dueMs = (number * 1_000) / perSecond;
    const lateMs = performance.now() - from - dueMs;
    if (lateMs < 0) await sleep(-lateMs);
    client.send(get('/orders', headersOf(number)));
    await client.readAnswer('GET');
    const tookMs = performance.now() - from;
    if ((await isRolledBack(router, number)) || tookMs > forMs) {
      client.destroy();
      return tookMs;
    }
  }
}

/** Looked at a few times a second, so that the looking is no load. */
async function isRolledBack(router: RunningRouter, number: number): Promise<boolean> {
  return number % 25 === 24 && (await rollbackOf(router)).verdict === 'rolled_back';
}

async function answeredBy(router: RunningRouter): Promise<string | undefined> {
  return (await ask(router.port, get('/orders'))).header('x-answered-by');
}

describe.each([
  ['one process', []],
  ['two workers', ['--workers', '2']],
])('auto_rollback in %s', (_, flags) => {
  const start = (file: string) => startRouter(file, { flags: ['--state', state, ...flags] });

  it('takes back, within one window at 50 requests a second, a feature that fails 5 %', async () => {
    failing = 5;
    const router = await start(routes(ERRORS));
    const tookMs = await askEvery(router, { perSecond: 50, forMs: 4 * WINDOW_MS });
    console.log('rolled back after', Math.round(tookMs), 'ms');
    // With workers the admin listener knows it a moment before they do.
    await until(
      () => answeredBy(router),
      (by) => by === 'legacy',
    );
    // One window by design; workers tell each second, and a busy machine is late with its requests.
    expect(tookMs).toBeLessThan(WINDOW_MS * 2.5);
    const line = await router.log(({ level }) => level === 'error' || level === 50);
    expect(line['msg']).toMatch(
      /^feature "orders" is rolled back, legacy answers: in the last 4 s \d+ of \d+ requests failed \([\d.]+ %\): surely more than [\d.]+ % \(max: 0\.5 %\)\. Any edit of the block "orders"/,
    );
    expect(await router.metric('banyan_feature_rolled_back', { feature: 'orders' })).toBe(1);
    const { routes: shown, auto_rollback } = (await (
      await fetch(`${router.adminUrl}/api/routes`)
    ).json()) as RoutesPage;
    expect(shown[0]).toMatchObject({ side: 'legacy', reason: 'rollback' });
    expect(auto_rollback[0]?.rolled_back).toMatchObject({
      until: null,
      ends: 'any edit of the block "orders" under features in routes.yaml',
    });
    expect(
      await router.metric('banyan_decisions_total', { route: 'orders', side: 'legacy', reason: 'rollback' }),
    ).toBeGreaterThan(0);
    await router.stop('SIGTERM');

    // It holds over a restart with the same block, whatever else is edited; and ends with the block's next wording.
    failing = 0;
    const again = await start(`debug_headers: true\n${routes(ERRORS)}`);
    expect(await answeredBy(again)).toBe('legacy');
    expect(await again.metric('banyan_feature_rolled_back', { feature: 'orders' })).toBe(1);
    await again.log(({ msg }) => String(msg).startsWith('feature "orders" is still rolled back'));
    await again.edit(`debug_headers: false\n${routes(ERRORS)}`);
    expect(await answeredBy(again)).toBe('legacy');
    await again.edit(routes([...ERRORS, 'hold: until_edited']));
    await until(
      () => answeredBy(again),
      (side) => side === 'orders',
    );
    await again.log(({ msg }) => String(msg).includes('its block in routes.yaml was edited'));
    expect(await again.metric('banyan_feature_rolled_back', { feature: 'orders' })).toBe(0);
    await again.stop('SIGTERM');
    const third = await start(routes(ERRORS));
    expect(await answeredBy(third)).toBe('orders');
    await third.stop('SIGKILL');
  }, 60_000);
});

describe('auto_rollback', () => {
  it('compares with legacy on the same routes, and leaves testers out', async () => {
    failing = 5;
    const canary = ['canary: { share: 50%, by: header:x-client }', 'testers: { headers: { x-tester: "1" } }'];
    const limits = ['window: 2s', 'min_requests: 100', 'errors: { above_legacy: 1% }'];
    const router = await startRouter(routes(limits, 'canary', canary));
    const tester = await askEvery(router, { perSecond: 200, forMs: 3_000 }, () => ['x-tester: 1']);
    expect(tester).toBeGreaterThan(3_000);
    expect((await rollbackOf(router)).says).toBe(
      'too little data: 100 more requests of the feature are needed',
    );
    const tookMs = await askEvery(router, { perSecond: 400, forMs: 12_000 }, (number) => [
      `x-client: c${number}`,
    ]);
    expect(tookMs).toBeLessThan(12_000);
    expect((await rollbackOf(router)).rolled_back?.why).toMatch(/% above legacy \(above_legacy: 1 %\)$/);
    const asTester = await ask(router.port, get('/orders', ['x-tester: 1']));
    expect(asTester.header('x-answered-by')).toBe('legacy');
    await router.stop('SIGKILL');
  }, 60_000);

  it('takes back a feature that became slow, for a time', async () => {
    const router = await startRouter(
      routes(['window: 1s', 'min_requests: 20', 'p95: { max: 20ms }', 'hold: 1s']),
    );
    orders.use(async (request, reply) => {
      await sleep(60);
      await answerAs('orders', request, reply);
    });
    const clients = Array.from({ length: 8 }, () => askEvery(router, { perSecond: 15, forMs: 8_000 }));
    for (const tookMs of await Promise.all(clients)) expect(tookMs).toBeLessThan(8_000);
    orders.use((request, reply) => answerAs('orders', request, reply));
    await until(
      () => answeredBy(router),
      (by) => by === 'orders',
    );
    await router.log(({ msg }) => String(msg).endsWith('is no longer rolled back: its time is up'));
    await router.stop('SIGKILL');
  });

  it('takes back a feature that hangs, though legacy answers in its place and only p95 has a limit', async () => {
    const limits = ['window: 2s', 'min_requests: 20', 'p95: { max: 20ms }'];
    const router = await startRouter(
      routes(limits, 'live', ['fallback: true', 'breaker: false', 'timeouts: { response: 50ms }']),
    );
    orders.use(() => {});
    const clients = Array.from({ length: 8 }, () => askEvery(router, { perSecond: 15, forMs: 8_000 }));
    for (const tookMs of await Promise.all(clients)) expect(tookMs).toBeLessThan(8_000);
    orders.use((request, reply) => answerAs('orders', request, reply));
    expect((await rollbackOf(router)).rolled_back?.why).toMatch(/surely more than 20 ms \(max\)$/);
    await router.stop('SIGKILL');
  });

  it('starts with a damaged memory as with none, and says so', async () => {
    await writeFile(path.join(state, 'rolled-back.json'), '{"version":1,"rollbacks":[{"feat');
    const router = await startRouter(routes(ERRORS), { flags: ['--state', state] });
    await router.log(({ msg }) =>
      String(msg).startsWith('what was rolled back before the restart cannot be read'),
    );
    expect((await rollbackOf(router)).verdict).toBe('too_little_data');
    await router.stop('SIGKILL');
  });
});
