import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { sleep } from '../support/until.ts';
import { type ComposeProject, openProject } from './compose-project.ts';
import { docker } from './docker.ts';
import { ask, type Load, sideOf, startLoad, untilAnsweredBy, untilServing } from './shop-client.ts';

/** Containers that are killed under load, on the published port: the feature's own, and the router's. */
let project: ComposeProject;
let orders: string;
let load: Load | null = null;
/** Each edit says its number, so that it is another file than the one before. */
let edits = 0;

beforeAll(async () => {
  project = await openProject('faults');
  orders = `${project.url}/api/orders`;
  await project.edit('routes.yaml', (text) => text.replace('stage: legacy', 'stage: live'));
  await project.compose(['up', '--build', '--detach', 'router', 'legacy', 'orders', 'search']);
  await untilServing(project.url);
  await untilAnsweredBy(orders, 'orders', 10_000);
}, 300_000);
afterEach(() => load?.stop());
afterAll(() => project.down());

/** Puts these keys of the feature orders in force, in place of `stage: …` and what stood with it. */
async function ordersIs(stage: string, more: readonly string[] = []): Promise<void> {
  const lines = [`stage: ${stage}`, ...more].map((line) => `    ${line}`).join('\n');
  const revision = async (): Promise<string> => JSON.parse(await project.admin('/api/config')).revision;
  const before = await revision();
  edits += 1;
  await project.edit(
    'routes.yaml',
    (text) => `${text.replace(/^ {4}stage: [\s\S]*?(?=^ {2}search:)/m, `${lines}\n\n`)}# edit ${edits}\n`,
  );
  for (let i = 0; (await revision()) === before; i++) {
    if (i > 50) throw new Error(`not in force: ${await project.admin('/api/config')}`);
    await sleep(50);
  }
}

async function untilMore(running: Load, count: number): Promise<void> {
  for (const enough = running.report.answered + count; running.report.answered < enough; ) await sleep(10);
}

test('with a fallback, a feature killed under load fails no GET, and legacy answers in its place', async () => {
  await ordersIs('live', ['fallback: true']);
  load = startLoad(orders);
  await untilMore(load, 100);
  await docker('kill', await project.container('orders'));
  const before = load.report.sides['legacy'] ?? 0;
  await untilMore(load, 300);
  expect((load.report.sides['legacy'] ?? 0) - before).toBeGreaterThan(100);
  await docker('start', await project.container('orders'));
  await untilAnsweredBy(orders, 'orders', 10_000);
  await untilMore(load, 100);
  const { failed, sides } = await load.stop();
  console.log('a feature killed under load, fallback on:', JSON.stringify({ sides, failed: failed.length }));
  expect(failed).toEqual([]);
});

test.each<[how: string, restart: (container: string) => Promise<unknown>]>([
  ['restarted at once', (container) => docker('restart', '--time', '0', container)],
  ['killed and started', (container) => docker('kill', container).then(() => docker('start', container))],
])('without one, a feature %s under load fails no GET within hold_while_down', async (how, restart) => {
  // Longer than any engine takes, however busy the machine is: how long it took is said below.
  await ordersIs('live', ['hold_while_down: 20s']);
  load = startLoad(orders);
  await untilMore(load, 100);
  const from = performance.now();
  await restart(await project.container('orders'));
  const tookMs = Math.round(performance.now() - from);
  await untilMore(load, 100);
  const { failed, sides } = await load.stop();
  console.log(`a feature ${how}, held:`, JSON.stringify({ tookMs, sides, failed: failed.length }));
  expect(failed).toEqual([]);
  expect(Object.keys(sides)).toEqual(['orders']);
});

/** Who answers the clients of these places. */
async function sidesOf(places: readonly number[]): Promise<(string | null)[]> {
  const sides: (string | null)[] = [];
  for (const place of places) sides.push(await sideOf(orders, { headers: { cookie: `banyan=${place}` } }));
  return sides;
}

test('a router that is killed is back within two seconds, with the same clients on the same sides', async () => {
  await ordersIs('canary', ['canary:', '  share: 50%']);
  const places = Array.from({ length: 60 }, (_, i) => i * 166);
  const before = await sidesOf(places);
  expect(new Set(before).size).toBe(2);
  const router = await project.container('router');
  const pid = await docker('inspect', '--format', '{{.State.Pid}}', router);
  const outage = longestGap(`${project.url}/catalogue`);
  // From outside its container: `docker kill` counts as wished for, and then nothing is started again.
  await docker(
    ...['run', '--rm', '--pid', 'host', '--user', '0', 'debian:bookworm-slim'],
    ...['bash', '-c', `kill -9 ${pid}`],
  );
  await untilAnsweredBy(`${project.url}/catalogue`, 'legacy', 15_000);
  const outageMs = await outage.stop();
  expect(await docker('inspect', '--format', '{{.RestartCount}}', router)).toBe('1');
  const engineMs = await timeWithoutProcess(router);
  const nodeMs = await timeOf(() => docker('exec', router, 'node', '--version'));
  console.log(
    `a router killed: nobody answered for ${outageMs} ms, ${engineMs} of them the engine's (node --version: ${nodeMs} ms)`,
  );
  // How long an engine takes to set up a container again is not the router's affair, nor how busy the machine is.
  expect(outageMs - engineMs).toBeLessThan(2_000 + 2 * nodeMs);
  expect(await sidesOf(places)).toEqual(before);
});

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return Math.round(performance.now() - from);
}

/** How long this container had no process between its last end and its last start, ms. */
async function timeWithoutProcess(container: string): Promise<number> {
  const [end = '', start = ''] = (
    await docker('inspect', '--format', '{{.State.FinishedAt}} {{.State.StartedAt}}', container)
  ).split(' ');
  return Date.parse(start) - Date.parse(end);
}

/** Asks again and again; `stop` gives the longest time between two answers, in ms. */
function longestGap(url: string): { stop(): Promise<number> } {
  let isStopped = false;
  let longest = 0;
  const asking = (async () => {
    for (let last = performance.now(); !isStopped; ) {
      const answer = await ask(url, { signal: AbortSignal.timeout(500) }).catch(() => null);
      await answer?.arrayBuffer().catch(() => null);
      const now = performance.now();
      longest = Math.max(longest, now - last);
      if (answer?.status === 200) last = now;
      await sleep(10);
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await asking;
      return Math.round(longest);
    },
  };
}
