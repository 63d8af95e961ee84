import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Load } from '../support/load.ts';
import { startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until } from '../support/until.ts';

/** Several endpoints of one backend, and a backend that is away for a while. */

let one: RawBackend;
let two: RawBackend;
let router: RunningRouter;

beforeEach(async () => {
  one = await startNamed('one');
  two = await startNamed('two');
});

afterEach(async () => {
  await router?.stop('SIGKILL');
  await one.stop();
  await two.stop();
});

function both(more = ''): string {
  return `legacy:\n  urls:\n    - ${one.url}\n    - ${two.url}\n${more}`;
}

async function answeredBy(lines: readonly string[] = []): Promise<string | undefined> {
  return (await ask(router.port, get('/', lines))).header('x-answered-by');
}

it('share the requests', async () => {
  router = await startRouter(both());
  const load = new Load(router.port, { clients: 8 });
  await until(
    () => load.answered,
    (count) => count > 400,
  );
  expect((await load.stop()).lost).toEqual([]);
  const share = one.requests.length / (one.requests.length + two.requests.length);
  expect(share).toBeGreaterThan(0.25);
  expect(share).toBeLessThan(0.75);
});

it('one dies under load: no GET and no POST fails but those that it had; it is ejected, comes back, and is used again', async () => {
  router = await startRouter(both());
  const { port } = two;
  const load = new Load(router.port, {
    clients: 8,
    pauseMs: 1,
    request: (client, number) => (client % 2 === 0 ? get(`/${number}`) : post(`/${number}`, 'x')),
  });
  await until(
    () => load.answered,
    (count) => count > 200,
  );
  // It goes as a container goes: it stops listening, answers what it has, closes what is idle.
  await stopGently(two);
  await until(
    () => load.answered,
    (count) => count > 800,
  );
  await until(
    () => router.metric('banyan_backend_endpoints', { backend: 'legacy', state: 'ejected' }),
    (count) => count === 1,
  );
  const during = two.requests.length;
  await two.listen(port);
  await until(
    () => two.requests.length,
    (count) => count > during + 50,
    { what: 'requests to the one that came back' },
  );
  const figures = await load.stop();
  console.log('one of two endpoints dies and comes back:', JSON.stringify(figures));
  expect(figures.lost).toEqual([]);
  expect(Object.keys(figures.byStatus)).toEqual(['200']);
  expect(await router.metric('banyan_backend_endpoints', { backend: 'legacy', state: 'available' })).toBe(2);
});

/** Stops listening, and resets the connections once no request is under way on them. */
async function stopGently(backend: RawBackend): Promise<void> {
  backend.use(async (request, reply) => {
    const body = await request.body();
    reply.send(200, ['X-Answered-By: two', 'Connection: close'], body);
    reply.end();
  });
  const closed = backend.unlisten();
  await until(
    () => backend.open,
    (count) => count === 0,
    { what: 'the end of its connections' },
  );
  await closed;
  backend.use(async (request, reply) => {
    reply.send(200, ['X-Answered-By: two'], await request.body());
  });
}

it('balance: cookie:NAME keeps a client on its endpoint, and spreads clients', async () => {
  router = await startRouter(both('  balance: cookie:PHPSESSID\n'));
  const seen = new Set<string | undefined>();
  for (let client = 0; client < 12; client++) {
    const by = await answeredBy([`Cookie: a=1; PHPSESSID=s${client}`]);
    for (let i = 0; i < 4; i++) expect(await answeredBy([`Cookie: PHPSESSID=s${client}`])).toBe(by);
    seen.add(by);
  }
  expect(seen.size).toBe(2);
});

it('balance: ip keeps a client on its endpoint, the one behind a trusted proxy too', async () => {
  router = await startRouter(both('  balance: ip\n').concat('trust_proxies:\n  - 127.0.0.1/32\n'));
  const seen = new Set<string | undefined>();
  for (let client = 1; client < 13; client++) {
    const by = await answeredBy([`X-Forwarded-For: 203.0.113.${client}`]);
    for (let i = 0; i < 4; i++) expect(await answeredBy([`X-Forwarded-For: 203.0.113.${client}`])).toBe(by);
    seen.add(by);
  }
  expect(seen.size).toBe(2);
});

it('a sticky client whose endpoint is down is served by the other', async () => {
  router = await startRouter(both('  balance: cookie:S\n'));
  const sessions = Array.from({ length: 12 }, (_, i) => [`Cookie: S=${i}`]);
  await two.stop();
  for (const session of sessions) expect(await answeredBy(session)).toBe('one');
});

describe('max_in_flight', () => {
  it('with a queue: those above it wait their turn, in order, and none fails', async () => {
    router = await startRouter(`legacy:\n  url: ${one.url}\n  max_in_flight: 2\n  queue: 10s\n`);
    let inFlight = 0;
    let most = 0;
    one.use(async (request, reply) => {
      most = Math.max(most, ++inFlight);
      await sleep(10);
      inFlight -= 1;
      reply.send(200, [], request.target);
    });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(router.port, get(`/${i}`))));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 30 }, (_, i) => `/${i}`));
    expect(most).toBe(2);
  });

  it('and a queue too short: 503 when its time is up, others unharmed', async () => {
    router = await startRouter(`legacy:\n  url: ${one.url}\n  max_in_flight: 1\n  queue: 200ms\n`);
    one.use((_, reply) => reply.takeOver());
    const busy = await RawClient.connect(router.port);
    busy.send(get('/busy'));
    await one.request(0);
    const from = performance.now();
    const answer = await ask(router.port, get('/waits'));
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'over_capacity' });
    expect(performance.now() - from).toBeGreaterThan(180);
    expect(performance.now() - from).toBeLessThan(700);
    busy.destroy();
  });
});

describe('hold_while_down', () => {
  it('a backend that restarts fails no request, GET or POST', async () => {
    router = await startRouter(`legacy:\n  url: ${two.url}\n  hold_while_down: 5s\n`);
    const { port } = two;
    const load = new Load(router.port, {
      clients: 6,
      pauseMs: 1,
      request: (client, number) => (client % 2 === 0 ? get(`/${number}`) : post(`/${number}`, 'x')),
    });
    await until(
      () => load.answered,
      (count) => count > 100,
    );
    await stopGently(two);
    await sleep(800);
    const before = load.answered;
    await two.listen(port);
    await until(
      () => load.answered,
      (count) => count > before + 200,
    );
    const figures = await load.stop();
    console.log('a backend that restarts:', JSON.stringify(figures));
    expect(figures.lost).toEqual([]);
    expect(Object.keys(figures.byStatus)).toEqual(['200']);
  });

  it('that does not come back: 502 when the time is up', async () => {
    const { url } = two;
    await two.stop();
    router = await startRouter(`legacy:\n  url: ${url}\n  hold_while_down: 300ms\n`);
    const from = performance.now();
    const answer = await ask(router.port, get('/'));
    expect([answer.status, JSON.parse(answer.text).failure]).toEqual([502, 'connect_refused']);
    expect(performance.now() - from).toBeGreaterThan(280);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});

describe('where it is', () => {
  it('a base path stands before every path', async () => {
    router = await startRouter(`legacy: ${one.url}/app/v1/\n`);
    one.use((request, reply) => reply.send(200, [], request.target));
    expect((await ask(router.port, get('/a//b?c'))).text).toBe('/app/v1/a//b?c');
    expect((await ask(router.port, get('/'))).text).toBe('/app/v1/');
    expect((await ask(router.port, 'OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n')).text).toBe('*');
  });

  it.each([
    ['keep', 'shop.example:8443'],
    ['backend', null],
    ['old.shop.internal', 'old.shop.internal'],
  ])('host: %s', async (host, wanted) => {
    router = await startRouter(`legacy:\n  url: ${one.url}\n  host: ${host}\n`);
    one.use((request, reply) =>
      reply.send(
        200,
        [`X-Got: ${request.header('x-forwarded-host')}`],
        request.headerValues('host').join('|'),
      ),
    );
    const answer = await ask(router.port, 'GET / HTTP/1.1\r\nhOST: shop.example:8443\r\n\r\n');
    expect(answer.text).toBe(wanted ?? `127.0.0.1:${one.port}`);
    expect(answer.header('x-got')).toBe('shop.example:8443');
  });

  it('a name with two addresses is asked at both', async () => {
    router = await startRouter(`legacy: http://localhost:${one.port}\n`);
    // ::1 refuses, 127.0.0.1 answers: whatever the order, nothing fails.
    for (let i = 0; i < 10; i++) expect(await answeredBy()).toBe('one');
  });
});
