import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queriesOf, readDashboards } from '../support/dashboards.ts';
import { eventually } from '../support/eventually.ts';
import { type ComposeProject, openProject, unusedPort } from './compose-project.ts';
import { run } from './docker.ts';
import { ask, startLoad, untilAnsweredBy, untilServing } from './shop-client.ts';

/** A real Prometheus scrapes the router as deploy/prometheus says, and answers all that the dashboards ask. */
const IMAGE = 'banyan-test-prometheus';
let project: ComposeProject;
let prometheus: string;

beforeAll(async () => {
  await run('docker', ['build', '--quiet', '--tag', IMAGE, resolve(import.meta.dirname, 'prometheus')], {
    timeoutMs: 300_000,
  });
  const port = await unusedPort();
  prometheus = `http://127.0.0.1:${port}`;
  project = await openProject('monitoring', {
    env: { PROMETHEUS_IMAGE: IMAGE, PROMETHEUS_PUBLISH: `127.0.0.1:${port}` },
  });
  await project.edit('deploy/prometheus/prometheus.yml', (text) => text.replace(/: 10s/g, ': 1s'));
  await project.compose([
    '--profile',
    'monitoring',
    'up',
    '--build',
    '--detach',
    'router',
    'legacy',
    'orders',
    'search',
    'prometheus',
  ]);
  await untilServing(project.url);
  await traffic();
}, 400_000);
afterAll(() => project.down());

/** Both sides answer the orders, over a few scrapes. */
async function traffic(): Promise<void> {
  const orders = `${project.url}/api/orders`;
  const loads = [
    startLoad(orders, { clients: 2 }),
    startLoad(`${project.url}/api/search?q=fern`, { clients: 1 }),
  ];
  await eventually(
    () => query('count(banyan_requests_total)'),
    (found) => found.length > 0,
    { timeoutMs: 20_000, everyMs: 200 },
  );
  await new Promise((done) => setTimeout(done, 3_000));
  await project.edit('routes.yaml', (text) => text.replace('stage: legacy', 'stage: live'));
  await untilAnsweredBy(orders, 'orders');
  await new Promise((done) => setTimeout(done, 4_000));
  for (const load of loads) expect((await load.stop()).failed).toEqual([]);
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function api(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<never> {
  const answer = await ask(`${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const body = (await answer.json()) as { status: string; error?: string; data: never };
  if (body.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${body.error}`);
  return body.data;
}

async function query(text: string): Promise<readonly Sample[]> {
  return ((await api('query', { query: text })) as { result: readonly Sample[] }).result;
}

test('promtool passes the configuration and the rules', async () => {
  const folder = resolve(import.meta.dirname, '../../deploy/prometheus');
  const mounts = [
    '--volume',
    `${folder}:/etc/prometheus:ro`,
    '--volume',
    `${import.meta.dirname}/prometheus:/tests:ro`,
  ];
  const promtool = (...args: string[]): Promise<{ code: number; all: string }> =>
    run('docker', ['run', '--rm', '--entrypoint', 'promtool', ...mounts, IMAGE, ...args], { mayFail: true });
  expect(await promtool('check', 'config', '--lint-fatal', '/etc/prometheus/prometheus.yml')).toMatchObject({
    code: 0,
  });
  expect(await promtool('check', 'rules', '--lint-fatal', '/etc/prometheus/banyan.rules.yml')).toMatchObject({
    code: 0,
  });
  const tested = await promtool('test', 'rules', '/tests/rules.test.yml');
  expect([tested.code, tested.all]).toEqual([0, expect.stringContaining('SUCCESS')]);
});

test('promtool has nothing to say against the metrics page', async () => {
  // No curl in the image, but bash can.
  const script =
    'exec 3<>/dev/tcp/$0/9901; printf "GET /metrics HTTP/1.0\\r\\nHost: router\\r\\n\\r\\n" >&3; sed "1,/^\\r*$/d" <&3 | promtool check metrics';
  const args = [
    'run',
    '--rm',
    '--network',
    `${project.name}_monitoring`,
    '--entrypoint',
    'bash',
    IMAGE,
    '-c',
    script,
    'router',
  ];
  const checked = await run('docker', args, { mayFail: true });
  expect([checked.code, checked.all]).toEqual([0, '']);
});

test('the router is found by name, once, and is up', async () => {
  const { activeTargets } = (await api('targets')) as {
    activeTargets: { health: string; scrapeUrl: string; lastError: string }[];
  };
  expect(activeTargets).toHaveLength(1);
  expect(activeTargets[0]).toMatchObject({ health: 'up', lastError: '' });
  expect(activeTargets[0]!.scrapeUrl).toMatch(/^http:\/\/[\d.]+:9901\/metrics$/);
});

test('it counts by route and by the backend that answered', async () => {
  const answered = async (backend: string): Promise<number> =>
    Number(
      (await query(`sum(banyan_requests_total{route="orders",backend="${backend}",code="200"})`))[0]
        ?.value[1] ?? 0,
    );
  expect(await answered('legacy')).toBeGreaterThan(50);
  expect(await answered('orders')).toBeGreaterThan(50);
});

/** Panels that have nothing to show while all goes well. */
const EMPTY_BY_NATURE = ['Attempts that were not the first'];

test.each(readDashboards().map((dashboard) => [dashboard.title, dashboard] as const))(
  '%s: every query is answered',
  async (_, dashboard) => {
    const empty: string[] = [];
    for (const { panel, query: text } of queriesOf(dashboard)) {
      const now = Date.now() / 1000;
      await api('query_range', { query: text, start: String(now - 60), end: String(now), step: '5' });
      if ((await query(text)).length === 0) empty.push(panel);
    }
    expect(empty.filter((panel) => !EMPTY_BY_NATURE.includes(panel))).toEqual([]);
    for (const { definition } of dashboard.templating.list) {
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
      expect(await api(`label/${label}/values`, { 'match[]': metric! })).not.toEqual([]);
    }
  },
);

test('every alert is loaded and evaluated without an error; none fires', async () => {
  type Rule = { name: string; health: string; lastError?: string; state: string };
  const loaded = async (): Promise<Rule[]> =>
    ((await api('rules')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
  const rules = await eventually(
    loaded,
    (all) => all.length > 0 && all.every(({ health }) => health !== 'unknown'),
    { timeoutMs: 15_000 },
  );
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  expect(rules.filter(({ state }) => state === 'firing').map(({ name }) => name)).toEqual([]);
  expect(rules.length).toBeGreaterThanOrEqual(8);
});
