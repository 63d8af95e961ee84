import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlantedDns, plantDns } from '../support/planted-dns.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';

/**
 * A backend's addresses as they come and go, seen by clients of a running router. Replicas are servers on 127.0.0.2,
 * 127.0.0.3, … with one port, as containers have.
 */
let dns: PlantedDns;
let port: number;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  dns = await plantDns();
  port = 0;
});
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
  await dns.stop();
});

interface Replica {
  readonly address: string;
  requests: number;
  stop(): Promise<void>;
}

/** Answers with its own address. */
async function replica(address: string): Promise<Replica> {
  const server: Server = createServer((_, answer) => {
    self.requests++;
    answer.end(address);
  });
  const self: Replica = {
    address,
    requests: 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  port = (server.address() as AddressInfo).port;
  cleanUp.push(() => self.stop());
  return self;
}

async function router(more = ''): Promise<RunningRouter> {
  const routes = `legacy:\n  url: http://shop.test:${port}\n${more}`;
  const started = await startRouter(routes, { nodeFlags: dns.nodeFlags });
  cleanUp.push(() => started.stop('SIGKILL'));
  return started;
}

async function ask(of: RunningRouter, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(of.url, { headers });
  const text = await answer.text();
  return answer.status === 200 ? text : `${answer.status} ${text}`;
}

/** Four clients that ask one request after the other, until told to stop; gives every answer. */
function load(of: RunningRouter): { stop(): Promise<string[]>; readonly answers: string[] } {
  const answers: string[] = [];
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) answers.push(await ask(of).catch((error: Error) => `lost: ${error.message}`));
  };
  const clients = [client(), client(), client(), client()];
  return {
    answers,
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
      return answers;
    },
  };
}

async function until(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const start = performance.now();
  while (!(await isSo())) {
    if (performance.now() - start > withinMs) throw new Error(`not so after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - start;
}

describe('replicas', () => {
  it('share the requests, a new one too, without a restart', async () => {
    const replicas = [await replica('127.0.0.2'), await replica('127.0.0.3'), await replica('127.0.0.4')];
    dns.server.set('shop.test', ['127.0.0.2', '127.0.0.3']);
    const banyan = await router();
    const running = load(banyan);
    await until(() => replicas[0]!.requests > 20 && replicas[1]!.requests > 20, 5_000);
    expect(replicas[2]!.requests).toBe(0);
    dns.server.set('shop.test', ['127.0.0.2', '127.0.0.3', '127.0.0.4']);
    expect(await until(() => replicas[2]!.requests > 20, 5_000)).toBeLessThan(3_500);
    const answers = await running.stop();
    expect(new Set(answers)).toEqual(new Set(['127.0.0.2', '127.0.0.3', '127.0.0.4']));
  });

  it('of which one is dead cost no request', async () => {
    await replica('127.0.0.2');
    dns.server.set('shop.test', ['127.0.0.2', '127.0.0.3']);
    const banyan = await router();
    const running = load(banyan);
    await until(() => running.answers.length > 500, 15_000);
    expect(new Set(await running.stop())).toEqual(new Set(['127.0.0.2']));
    expect(
      await banyan.metric('banyan_backend_endpoints', { backend: 'legacy', state: 'available' }),
    ).toBeGreaterThan(0);
  });

  it('keep a client by its cookie', async () => {
    for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) await replica(address);
    dns.server.set('shop.test', ['127.0.0.2', '127.0.0.3', '127.0.0.4']);
    const banyan = await router('  balance: cookie:SESSION\n');
    const homes = new Set<string>();
    for (let client = 0; client < 12; client++) {
      const asked = [...Array(5).keys()].map(() => ask(banyan, { cookie: `SESSION=${client}` }));
      const answers = new Set(await Promise.all(asked));
      expect(answers.size).toBe(1);
      homes.add([...answers][0]!);
    }
    expect(homes.size).toBeGreaterThan(1);
  });
});

describe('a container that comes back elsewhere', () => {
  it('is found with no failed GET', async () => {
    const old = await replica('127.0.0.2');
    dns.server.set('shop.test', ['127.0.0.2']);
    const banyan = await router();
    const running = load(banyan);
    await until(() => old.requests > 20, 5_000);
    await old.stop();
    const next = await replica('127.0.0.3');
    dns.server.set('shop.test', ['127.0.0.3']);
    expect(await until(() => next.requests > 20, 5_000)).toBeLessThan(2_500);
    expect(new Set(await running.stop())).toEqual(new Set(['127.0.0.2', '127.0.0.3']));
  });

  it('gets nothing at its old address any more, once DNS said so', async () => {
    const old = await replica('127.0.0.2');
    const next = await replica('127.0.0.3');
    dns.server.set('shop.test', ['127.0.0.2']);
    const banyan = await router();
    const running = load(banyan);
    await until(() => old.requests > 20, 5_000);
    dns.server.set('shop.test', ['127.0.0.3']);
    await until(() => next.requests > 20, 5_000);
    const before = old.requests;
    const then = next.requests;
    await until(() => next.requests > then + 200, 10_000);
    expect(old.requests).toBe(before);
    await running.stop();
  });
});

describe('DNS in trouble', () => {
  it.each(['SERVFAIL', 'NXDOMAIN', 'silence'] as const)('costs no request: %s', async (trouble) => {
    const shop = await replica('127.0.0.2');
    dns.server.set('shop.test', ['127.0.0.2']);
    const banyan = await router();
    dns.server.setEverything(trouble);
    const asked = dns.server.asked('shop.test');
    const running = load(banyan);
    await until(() => dns.server.asked('shop.test') >= asked + 4, 15_000);
    const after = running.answers.length;
    await until(() => running.answers.length > after + 100, 5_000);
    expect(new Set(await running.stop())).toEqual(new Set(['127.0.0.2']));
    expect(shop.requests).toBeGreaterThan(100);
  });

  it('does not keep the router from starting; a request waits for the first answer', async () => {
    await replica('127.0.0.2');
    dns.server.setEverything('silence');
    const banyan = await router('  hold_while_down: 10s\n');
    const answer = ask(banyan);
    dns.server.setEverything(null);
    dns.server.set('shop.test', ['127.0.0.2']);
    expect(await answer).toBe('127.0.0.2');
  });

  it('is 502 dns where no address was ever known and nothing is held', async () => {
    await replica('127.0.0.2');
    const banyan = await router('  hold_while_down: 0s\n');
    const answer = await fetch(banyan.url, { headers: { accept: 'application/problem+json' } });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ failure: 'dns' });
  });
});

describe('a backend that is down', () => {
  it('holds requests until it is back', async () => {
    const shop = await replica('127.0.0.2');
    dns.server.set('shop.test', ['127.0.0.2']);
    const banyan = await router('  hold_while_down: 10s\n');
    await shop.stop();
    const answers = Promise.all([ask(banyan), ask(banyan), ask(banyan)]);
    await until(async () => (await banyan.metric('banyan_requests_in_flight')) === 3, 5_000);
    await replica('127.0.0.2');
    expect(await answers).toEqual(['127.0.0.2', '127.0.0.2', '127.0.0.2']);
  });

  it('is 502 connect_refused when the time is up', async () => {
    const shop = await replica('127.0.0.2');
    dns.server.set('shop.test', ['127.0.0.2']);
    const banyan = await router('  hold_while_down: 400ms\n');
    await shop.stop();
    const start = performance.now();
    expect(await ask(banyan)).toMatch(/^502 .*connect_refused/s);
    expect(performance.now() - start).toBeGreaterThan(390);
  });
});

describe('max_in_flight', () => {
  it('makes the next one wait, then lets it in, or sends it away with 503', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const backend = await RawBackend.start(async (_, reply) => {
      await released;
      reply.send(200, [], 'ok');
    });
    cleanUp.push(() => backend.stop());
    const limits = (queue: string): string =>
      `legacy:\n  url: ${backend.url}\n  max_in_flight: 1\n  queue: ${queue}\n`;
    const banyan = await startRouter(limits('200ms'));
    cleanUp.push(() => banyan.stop('SIGKILL'));
    const first = fetch(banyan.url);
    await backend.request(0);
    const refused = await fetch(banyan.url);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    await banyan.edit(limits('10s'));
    const second = fetch(banyan.url);
    await until(async () => (await banyan.metric('banyan_requests_in_flight')) === 2, 5_000);
    expect(backend.requests).toHaveLength(1);
    release();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });
});
