import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ANY_PORTS, type RunningDemo, spawnDemo, startDemo } from '../support/start-demo.ts';

const started: RunningDemo[] = [];

afterEach(async () => {
  for (const demo of started.splice(0)) {
    demo.child.kill('SIGKILL');
    await demo.exited;
  }
});

async function demoOnAnyPorts(env?: Record<string, string>): Promise<RunningDemo> {
  const demo = await startDemo(ANY_PORTS, env);
  started.push(demo);
  return demo;
}

async function sideOf(demo: RunningDemo, path: string): Promise<string | null> {
  const answer = await fetch(demo.url + path);
  await answer.arrayBuffer();
  return answer.headers.get('x-shop-answered-by');
}

/** All of them refuse connections. */
async function allGone(backends: readonly string[]): Promise<boolean> {
  const answers = await Promise.allSettled(backends.map((url) => fetch(`${url}/healthz`)));
  return answers.every(({ status }) => status === 'rejected');
}

test('the shop is served through the router, in seconds, and one word moves the orders', async () => {
  const before = performance.now();
  const demo = await demoOnAnyPorts();
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(await (await fetch(demo.url)).text()).toMatch(/answered by <b>legacy<\/b>/);
  expect(await sideOf(demo, '/api/search?q=fern')).toBe('search');
  expect(await sideOf(demo, '/api/orders')).toBe('legacy');

  const line = Number(/line (\d+):/.exec(demo.text())?.[1]);
  const lines = (await readFile(demo.routesFile, 'utf8')).split('\n');
  expect(lines[line - 1]).toMatch(/stage: legacy/);
  lines[line - 1] = lines[line - 1]!.replace('stage: legacy', 'stage: live');
  await writeFile(demo.routesFile, lines.join('\n'));
  await eventually(
    () => sideOf(demo, '/api/orders'),
    (side) => side === 'orders',
    { timeoutMs: 1_000 },
  );
  expect(await sideOf(demo, '/orders/1001')).toBe('orders');
  expect(await (await fetch(`${demo.adminUrl}/metrics`)).text()).toMatch(
    /banyan_requests_total\{route="orders",backend="orders",method="GET",code="200"\} [1-9]/,
  );
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends everything, with exit code 0',
  async (signal) => {
    const demo = await demoOnAnyPorts();
    expect(demo.backends).toHaveLength(3);
    demo.child.kill(signal);
    expect(await demo.exited).toBe(0);
    expect(await allGone(demo.backends)).toBe(true);
    expect(demo.text()).not.toMatch(/error/i);
  },
);

test('killed without a chance to say goodbye, it leaves no service behind', async () => {
  const demo = await demoOnAnyPorts();
  demo.child.kill('SIGKILL');
  await demo.exited;
  await eventually(
    () => allGone(demo.backends),
    (gone) => gone,
  );
});

test('a service that dies is started again where it was, and its data with it', async () => {
  const demo = await demoOnAnyPorts();
  const order = { method: 'POST', body: '{"items":[{"id":3,"quantity":1}]}' };
  const placed = await fetch(`${demo.url}/api/orders`, order);
  expect(placed.status).toBe(201);
  const number = ((await placed.json()) as { id: number }).id;
  // Saved a moment after the answer.
  const data = join(dirname(demo.routesFile), 'demo', 'legacy', 'shop.json');
  await eventually(
    () => readFile(data, 'utf8'),
    (text) => text.includes(`"id":${number}`),
  );
  process.kill(await demo.pidOf('legacy/server.mjs'), 'SIGKILL');
  await eventually(demo.text, (text) => text.includes('legacy is back'));
  expect((await fetch(`${demo.url}/api/orders/${number}`)).status).toBe(200);
});

test('without Python a stand-in takes its place, and the text says so', async () => {
  const demo = await demoOnAnyPorts({ PATH: '' });
  expect(demo.text()).toMatch(/python3 is not here/);
  expect(await sideOf(demo, '/api/search?q=fern')).toBe('search');
});

test('a taken port is said, and another one chosen', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => {
    // Taken by somebody else already is as good.
    blocker.once('error', () => resolve());
    blocker.listen(8080, '127.0.0.1', () => resolve());
  });
  try {
    const demo = await startDemo(['--admin', '127.0.0.1:0']);
    started.push(demo);
    expect(demo.text()).toMatch(/port 8080 is taken: \d+ instead/);
    expect(await sideOf(demo, '/')).toBe('legacy');
  } finally {
    blocker.close();
  }
});

test('a port that was asked for and is taken ends it, services and all', async () => {
  const demo = await demoOnAnyPorts();
  const folder = await mkdtemp(join(tmpdir(), 'banyan-demo-test-'));
  const second = spawnDemo(folder, ['--listen', new URL(demo.url).host, '--admin', '127.0.0.1:0']);
  try {
    expect(await second.exited).toBe(1);
    expect(second.text()).toMatch(/cannot listen on .* another process listens there/);
    await expect(second.pidOf('server')).rejects.toThrow('no child');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
