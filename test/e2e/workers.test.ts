import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Load } from '../support/load.ts';
import { answerAs } from '../support/named-backend.ts';
import { get, type RawAnswer, RawClient } from '../support/raw-client.ts';
import { sleep, until } from '../support/until.ts';
import { isAlive, sumOf, WorkerShop } from '../support/worker-shop.ts';

/** Several processes that look like one: to clients, on the admin listener, in the log. */

let shop: WorkerShop;

beforeAll(async () => {
  shop = await WorkerShop.open();
});

afterEach(() => shop.router?.stop('SIGKILL'));

beforeEach(() => shop.legacy.use((request, reply) => answerAs('legacy', request, reply)));

afterAll(() => shop.close());

const orders = (client: number, number: number): string => get(`/api/orders/${client}/${number}`);

describe('two workers', () => {
  it('share the connections, and are one in metrics and log', async () => {
    await shop.start();
    expect(shop.pids()).toHaveLength(2);
    const long = 'x'.repeat(9_000);
    const load = new Load(shop.router.port, {
      clients: 64,
      request: (client, number) => get(`/api/orders/${client}/${number % 10 === 0 ? long : number}`),
    });
    const page = await until(
      () => shop.router.metrics(),
      (text) => load.answered > 3_000 && sumOf(text, 'banyan_worker_connections') === 64,
      { withinMs: 15_000, what: '64 connections on /metrics' },
    );
    const figures = await load.stop();
    const spread = ['1', '2'].map((worker) =>
      Number(new RegExp(`^banyan_worker_connections\\{worker="${worker}"\\} (\\d+)$`, 'm').exec(page)?.[1]),
    );
    console.log('spread over two workers:', spread, JSON.stringify(figures));
    for (const connections of spread) expect(connections / 64).toBeGreaterThanOrEqual(0.4);
    expect(figures).toMatchObject({ lost: [], idleClosed: 0, saidClose: 0, refused: 0 });

    expect(await shop.counted()).toBe(figures.answered);
    const text = await shop.router.metrics();
    expect(sumOf(text, 'banyan_request_duration_seconds_count')).toBe(figures.answered);
    expect(text.match(/^# TYPE banyan_requests_total counter$/gm)).toHaveLength(1);
    expect(text).toContain('banyan_requests_in_flight{route="orders",backend="orders"} 0\n');
    expect(await shop.router.metric('banyan_config_reloads_total', { result: 'applied' })).toBe(1);
    expect(await shop.router.metric('banyan_migrated_requests_ratio')).toBe(1);

    const isAccess = (line: object): boolean => 'request_id' in line;
    await until(
      () => shop.router.logs().filter(isAccess).length,
      (count) => count >= figures.answered,
      { what: 'a line for each request' },
    );
    const lines = shop.router.logs().filter(isAccess);
    expect(new Set(lines.map((line) => line['request_id'])).size).toBe(figures.answered);
    expect(lines.filter((line) => String(line['path']).length > 2_000).length).toBeGreaterThan(100);
    expect(shop.router.torn()).toEqual([]);
    expect(shop.router.logs().filter(({ msg }) => msg === 'listening')).toHaveLength(1);
    expect(shop.router.logs().filter(({ msg }) => msg === 'routes applied')).toHaveLength(1);
  });

  it('use a new table together: once it is said to be in force, no connection sees the old one', async () => {
    await shop.start();
    const clients = await Promise.all(Array.from({ length: 16 }, () => RawClient.connect(shop.router.port)));
    const whoAnswers = async (): Promise<Set<string | undefined>> => {
      const answers = await Promise.all(clients.map((client) => ask(client, get('/api/orders/1'))));
      return new Set(answers.map((answer) => answer.header('x-answered-by')));
    };
    expect(await whoAnswers()).toEqual(new Set(['orders']));
    for (let i = 0; i < 20; i++) {
      const stage = i % 2 === 0 ? 'legacy' : 'live';
      await shop.router.edit(shop.routes({ stage }));
      expect(await whoAnswers()).toEqual(new Set([stage === 'live' ? 'orders' : 'legacy']));
    }
    await expect(shop.router.edit('legacy: {')).rejects.toThrow('rejected');
    expect(await whoAnswers()).toEqual(new Set(['orders']));
    process.kill(shop.router.pid, 'SIGHUP');
    await until(
      () => shop.router.metric('banyan_config_reloads_total', { result: 'rejected' }),
      (count) => count >= 2,
    );
    for (const client of clients) client.destroy();
  });

  it('take a table of 5 000 routes without standing still', async () => {
    await shop.start();
    const more = Array.from(
      { length: 5_000 },
      (_, i) => `  - match: { prefix: /shelf/${i} }\n    to: orders\n`,
    ).join('');
    let slowestMs = 0;
    const sentAt: number[] = [];
    const load = new Load(shop.router.port, {
      clients: 4,
      pauseMs: 2,
      request: (client, number) => {
        sentAt[client] = performance.now();
        return orders(client, number);
      },
      onAnswer: (_, client) => {
        slowestMs = Math.max(slowestMs, performance.now() - sentAt[client]!);
      },
    });
    await writeFile(shop.router.routesFile, shop.routes({ more }));
    await until(
      () => fetch(`${shop.router.adminUrl}/api/routes`).then((response) => response.text()),
      (text) => text.includes('/shelf/4999'),
      { withinMs: 40_000, what: 'the large table' },
    );
    const figures = await load.stop();
    console.log(`5 000 routes to two workers: slowest answer ${Math.round(slowestMs)} ms`);
    expect(figures).toMatchObject({ lost: [], idleClosed: 0 });
    expect(slowestMs).toBeLessThan(1_000);
    expect((await fetch(`${shop.router.url}/shelf/4999`)).headers.get('x-answered-by')).toBe('orders');
  }, 60_000);

  it('divide max_in_flight between them', async () => {
    const routes = shop
      .routes()
      .replace('legacy: http', 'legacy: { url: "http')
      .replace('\n', '", max_in_flight: 2 }\n');
    await shop.start({}, routes);
    const from = shop.legacy.requests.length;
    const replies: (() => void)[] = [];
    shop.legacy.use((_, reply) => {
      replies.push(() => reply.send(200));
    });
    const clients = await Promise.all(Array.from({ length: 6 }, () => RawClient.connect(shop.router.port)));
    const answers = clients.map((client) => ask(client, get('/')));
    await until(
      () => shop.router.metric('banyan_requests_total', { route: '(default)', code: '503' }),
      (count) => count === 4,
    );
    for (const reply of replies) reply();
    const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 503, 503, 503, 503]);
    expect(shop.legacy.requests.length - from).toBe(2);
    for (const client of clients) client.destroy();
  });
});

describe('a worker that is killed', () => {
  it('takes only its own exchanges along, and is replaced', async () => {
    await shop.start();
    const load = new Load(shop.router.port, { clients: 32, request: orders });
    await until(
      () => load.answered,
      (answered) => answered > 500,
    );
    const before = await shop.counted();
    const [victim, other] = shop.pids();
    process.kill(victim!, 'SIGKILL');
    const line = await shop.router.log(({ msg }) => String(msg).startsWith('a worker has ended by itself'));
    expect(line).toMatchObject({ pid: victim, signal: 'SIGKILL', code: null });
    await shop.router.log(({ msg }) => msg === 'a new worker serves');
    await shop.ready();
    const from = load.answered;
    await until(
      () => load.answered,
      (answered) => answered > from + 500,
    );
    const figures = await load.stop();
    console.log('one of two workers killed:', JSON.stringify(figures));
    // 16 clients each, one request at a time.
    expect(figures.lost.length).toBeLessThanOrEqual(20);
    expect(figures.refused).toBe(0);
    expect(Object.keys(figures.byStatus)).toEqual(['200']);
    const pids = shop.pids();
    expect(pids).toContain(other);
    expect(pids).toHaveLength(2);
    expect(await shop.counted()).toBeGreaterThanOrEqual(before);
    expect(await shop.router.metric('banyan_workers_replaced_total', { reason: 'crash' })).toBe(1);
  });

  it('leaves no client waiting for a connection that was on its way to it', async () => {
    await shop.start();
    const [victim] = shop.pids();
    process.kill(victim!, 'SIGSTOP');
    const clients = await Promise.all(Array.from({ length: 6 }, () => RawClient.connect(shop.router.port)));
    const ends = clients.map((client) =>
      ask(client, get('/')).then(
        ({ status }) => status,
        () => 'closed',
      ),
    );
    await until(
      () => shop.counted(),
      (count) => count >= 5,
      { withinMs: 10_000 },
    );
    process.kill(victim!, 'SIGKILL');
    expect((await Promise.all(ends)).filter((end) => end !== 200).length).toBeLessThanOrEqual(1);
    for (const client of clients) client.destroy();
  });

  it('is not the router’s end when the primary is killed: workers finish what they have', async () => {
    await shop.start({ flags: ['--drain-timeout', '5s'] });
    let release = (): void => {};
    shop.legacy.use((_, reply) => {
      release = () => reply.send(200, [], 'late');
    });
    const from = shop.legacy.requests.length;
    const client = await RawClient.connect(shop.router.port);
    const answer = ask(client, get('/slow'));
    await shop.legacy.request(from);
    const pids = shop.pids();
    await shop.router.stop('SIGKILL');
    expect(pids.some(isAlive)).toBe(true);
    release();
    expect((await answer).text).toBe('late');
    await until(
      () => pids.filter(isAlive),
      (alive) => alive.length === 0,
      { withinMs: 6_000 },
    );
  });
});

describe('SIGUSR2', () => {
  it('replaces the workers one by one under load, and no request is lost', async () => {
    await shop.start();
    const load = new Load(shop.router.port, { clients: 32, request: orders });
    await until(
      () => load.answered,
      (answered) => answered > 500,
    );
    const before = shop.pids();
    const unready: number[] = [];
    const watch = setInterval(() => void shop.isReady().then((ready) => !ready && unready.push(1)), 50);
    for (let round = 1; round <= 2; round++) {
      process.kill(shop.router.pid, 'SIGUSR2');
      await until(
        () => shop.router.logs().filter(({ msg }) => msg === 'all workers are replaced').length,
        (count) => count === round,
        { withinMs: 20_000 },
      );
    }
    const from = load.answered;
    await until(
      () => load.answered,
      (answered) => answered > from + 500,
    );
    clearInterval(watch);
    const figures = await load.stop();
    console.log('two restarts of two workers under load:', JSON.stringify(figures));
    expect(figures).toMatchObject({ lost: [], idleClosed: 0, refused: 0 });
    expect(figures.saidClose).toBeGreaterThan(0);
    expect(unready).toEqual([]);
    expect(shop.pids().filter((pid) => before.includes(pid))).toEqual([]);
    // Nothing that was counted is gone with who counted it.
    expect(await shop.counted()).toBe(figures.answered);
    expect(await shop.router.metric('banyan_workers_replaced_total', { reason: 'restart' })).toBe(4);
  }, 60_000);
});

describe('the end', () => {
  it('SIGTERM drains all workers: 0, and nothing is left', async () => {
    await shop.start();
    shop.legacy.use(async (_, reply) => {
      await sleep(300);
      reply.send(200, [], 'whole');
    });
    const load = new Load(shop.router.port, { clients: 16, request: () => get('/') });
    await until(
      () => load.answered,
      (answered) => answered >= 16,
    );
    const pids = shop.pids();
    expect(await shop.router.stop()).toBe(0);
    const figures = await load.stop();
    expect(figures).toMatchObject({ lost: [], idleClosed: 0 });
    expect(figures.saidClose).toBe(16);
    expect(pids.filter(isAlive)).toEqual([]);
    const messages = shop.router.logs().map(({ msg }) => msg);
    expect(messages.filter((msg) => msg === 'stopped')).toHaveLength(1);
    expect(shop.router.logs().filter((line) => 'request_id' in line)).toHaveLength(figures.answered);
  });

  it('a second signal ends all of it at once, with 1', async () => {
    await shop.start({ flags: ['--drain-timeout', '60s'] });
    shop.legacy.use(() => {});
    const from = shop.legacy.requests.length;
    const client = await RawClient.connect(shop.router.port);
    const answer = ask(client, get('/')).catch(() => 'cut');
    await shop.legacy.request(from);
    const pids = shop.pids();
    process.kill(shop.router.pid, 'SIGTERM');
    await shop.router.log(({ msg }) => msg === 'stopping');
    process.kill(shop.router.pid, 'SIGTERM');
    expect(await shop.router.exited).toBe(1);
    await until(
      () => pids.filter(isAlive),
      (alive) => alive.length === 0,
      { withinMs: 2_000 },
    );
    expect(await answer).toBe('cut');
  });
});

function ask(client: RawClient, request: string): Promise<RawAnswer> {
  client.send(request);
  return client.readAnswer();
}
