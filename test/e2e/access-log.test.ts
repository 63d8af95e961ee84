import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBanyan } from '../support/run-banyan.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';

/** The access log of a router as its users start it. */

let backend: Server;
let routes: string;

beforeAll(async () => {
  // The path says which status: /200, /404.
  backend = createServer((request, response) => {
    response.writeHead(Number(/\d{3}/.exec(request.url ?? '')?.[0] ?? 200)).end('x');
  });
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  routes = `legacy: http://127.0.0.1:${(backend.address() as AddressInfo).port}\n`;
});

afterAll(() => {
  backend.close();
  backend.closeAllConnections();
});

async function ask(router: RunningRouter, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) await (await fetch(`${router.url}${path}`, { redirect: 'manual' })).text();
}

/** Statuses of the access log once the router has ended: everything is written then. */
async function statusesAfter(router: RunningRouter): Promise<number[]> {
  expect(await router.stop()).toBe(0);
  return router.logs().flatMap(({ status }) => (typeof status === 'number' ? [status] : []));
}

describe('the access log', () => {
  it('has the line of a request while the router goes on', async () => {
    const router = await startRouter(routes);
    await ask(router, '/200/a');
    const line = await router.log(({ path }) => path === '/200/a');
    expect(line).toMatchObject({
      method: 'GET',
      status: 200,
      route: '(default)',
      side: 'legacy',
      bytes_out: 1,
    });
    await router.stop();
  });

  it('counts the bytes of what a refused request is answered with', async () => {
    const router = await startRouter(routes);
    const refused = await (await fetch(`${router.url}/a%00b`)).text();
    const tooLong = await (await fetch(`${router.url}/${'a'.repeat(20_000)}`)).text();
    await router.log(({ status }) => status === 414);
    expect(await router.stop()).toBe(0);
    const sizes = router.logs().flatMap(({ status, bytes_out: bytes }) => (status ? [[status, bytes]] : []));
    expect(sizes).toEqual([
      [400, refused.length],
      [414, tooLong.length],
    ]);
  });

  it('has a line for each request when the router has ended', async () => {
    const router = await startRouter(routes);
    await Promise.all(Array.from({ length: 20 }, () => ask(router, '/200', '/404', '/301', '/200', '/503')));
    const statuses = await statusesAfter(router);
    const count = (status: number): number => statuses.filter((one) => one === status).length;
    expect([200, 301, 404, 503].map(count)).toEqual([40, 20, 20, 20]);
  });
});

describe('--log-sample', () => {
  it('0% leaves every line that is no 2xx, and metrics count all', async () => {
    const router = await startRouter(routes, { flags: ['--log-sample', '0%'] });
    await ask(router, '/200', '/204', '/301', '/404', '/503', '/a%00b');
    expect(await router.metric('banyan_requests_total', { code: '200' })).toBe(1);
    expect(await router.metric('banyan_requests_total', { code: '204' })).toBe(1);
    expect(await statusesAfter(router)).toEqual([301, 404, 503, 400]);
  });

  it('of the environment keeps a part of the 2xx lines', async () => {
    const router = await startRouter(routes, { env: { LOG_SAMPLE: '50%' } });
    await Promise.all(Array.from({ length: 10 }, () => ask(router, ...Array<string>(20).fill('/200'))));
    const { length } = await statusesAfter(router);
    // Of 200 lines; each bound is seven standard deviations away.
    expect(length).toBeGreaterThan(50);
    expect(length).toBeLessThan(150);
  });

  it('without its sign is refused before anything starts', async () => {
    const { code, err } = await runBanyan(['serve', '--log-sample', '0.1']);
    expect(code).toBe(2);
    expect(err).toBe('--log-sample: "0.1" is not a percentage (0% to 100%, as 10% or 0.5%)\n');
  });
});
