import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type ComposeProject, openProject } from './compose-project.ts';
import { docker, run } from './docker.ts';
import { startLoad, untilAnsweredBy, untilServing } from './shop-client.ts';

/** Containers come, go and change their addresses; the router follows by DNS, and no GET is lost. */
let project: ComposeProject;
let orders: string;

beforeAll(async () => {
  project = await openProject('replicas');
  orders = `${project.url}/api/orders`;
  await project.edit('routes.yaml', (text) =>
    text.replace('stage: legacy', 'stage: live\n    hold_while_down: 10s'),
  );
  await project.compose(['up', '--build', '--detach', 'router', 'legacy', 'orders', 'search']);
  await untilServing(project.url);
  await untilAnsweredBy(orders, 'orders');
}, 300_000);
afterAll(() => project.down());

/** Available endpoints of orders, as the router counts them. */
async function available(): Promise<number> {
  const found = /banyan_backend_endpoints\{backend="orders",state="available"\} (\d+)/.exec(
    await project.admin('/metrics'),
  );
  return Number(found?.[1]);
}

function scale(count: number): Promise<unknown> {
  return project.compose(['up', '--detach', '--no-recreate', '--scale', `orders=${count}`, 'orders']);
}

async function addressOf(container: string): Promise<string> {
  return docker('inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', container);
}

test('three replicas share the requests, none is lost as they come, and one is left when the others go', async () => {
  const load = startLoad(orders);
  await scale(3);
  await eventually(available, (count) => count === 3, { timeoutMs: 10_000, everyMs: 200 });
  const shares = (): number[] => Object.values(load.report.instances);
  await eventually(shares, (counts) => counts.length === 3 && Math.min(...counts) > 50, {
    timeoutMs: 10_000,
  });
  expect((await load.stop()).failed).toEqual([]);
  await scale(1);
  await eventually(available, (count) => count === 1, { timeoutMs: 15_000, everyMs: 200 });
});

test('a recreated container has a new address, and is found with no failed GET', async () => {
  const old = await project.container('orders');
  const oldAddress = await addressOf(old);
  const network = `${project.name}_shop`;
  // Takes the address as soon as it is free, so that the new container must get another.
  const squatter = await docker('create', '--network', network, 'debian:bookworm-slim', 'sleep', '300');
  try {
    const load = startLoad(orders);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await docker('rm', '--force', old);
    await docker('start', squatter);
    await project.compose(['up', '--detach', '--no-recreate', 'orders']);
    const next = await project.container('orders');
    const nextAddress = await addressOf(next);
    const hostname = await docker('inspect', '--format', '{{.Config.Hostname}}', next);
    await eventually(
      () => load.report.instances[hostname] ?? 0,
      (count) => count > 50,
      { timeoutMs: 15_000 },
    );
    const report = await load.stop();
    expect(nextAddress).not.toBe(oldAddress);
    expect(report.failed).toEqual([]);
  } finally {
    await run('docker', ['rm', '--force', '--volumes', squatter], { mayFail: true });
  }
});

test('a feature that is stopped is waited for; after that the failure has a name and no address', async () => {
  await project.edit('routes.yaml', (text) => text.replace('hold_while_down: 10s', 'hold_while_down: 1s'));
  await project.compose(['stop', '--timeout', '3', 'orders']);
  const before = performance.now();
  const answer = await fetch(orders, { signal: AbortSignal.timeout(20_000) });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = (await answer.json()) as { failure: string };
  expect([502, 503, 504]).toContain(answer.status);
  expect(['connect_refused', 'connect_timeout', 'dns', 'no_endpoint']).toContain(problem.failure);
  expect(performance.now() - before).toBeGreaterThan(900);
  expect(JSON.stringify(problem)).not.toMatch(/\d+\.\d+\.\d+\.\d+|:3000/);
  expect((await fetch(`${project.url}/catalogue`, { signal: AbortSignal.timeout(5_000) })).status).toBe(200);
  await project.compose(['start', 'orders']);
  await untilAnsweredBy(orders, 'orders', 10_000);
});

test('the router restarted by itself serves from the last good table if the file is broken', async () => {
  await project.edit('routes.yaml', (text) => text.replace('to: orders', 'to: nobody'));
  await project.compose(['restart', '--timeout', '10', 'router']);
  await untilAnsweredBy(orders, 'orders', 10_000);
  expect(await project.admin('/metrics')).toMatch(/banyan_config_last_reload_successful 0/);
  await project.edit('routes.yaml', (text) => text.replace('to: nobody', 'to: orders'));
});
