import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Load } from '../support/load.ts';
import { answerAs, startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until } from '../support/until.ts';

/** Several endpoints of one backend, and a backend that is away for a while. */

let one: RawBackend;
let two: RawBackend;
/** These two die, each in its test. */
let mortal: RawBackend;
let restarting: RawBackend;
let router: RunningRouter;

beforeAll(async () => {
  one = await startNamed('one');
  two = await startNamed('two');
  mortal = await startNamed('mortal');
  restarting = await startNamed('restarting');
  const dead = await startNamed('dead');
  const both = ['urls:', `  - ${one.url}`, `  - ${two.url}`];
  const backends: Record<string, readonly string[]> = {
    shared: both,
    mortal: ['urls:', `  - ${one.url}`, `  - ${mortal.url}`],
    'by-cookie': [...both, 'balance: cookie:PHPSESSID'],
    'by-ip': [...both, 'balance: ip'],
    half: ['urls:', `  - ${one.url}`, `  - ${dead.url}`, 'balance: cookie:S'],
    queued: [`url: ${one.url}`, 'max_in_flight: 2', 'queue: 10s'],
    impatient: [`url: ${one.url}`, 'max_in_flight: 1', 'queue: 200ms'],
    restarting: [`url: ${restarting.url}`, 'hold_while_down: 5s'],
    dead: [`url: ${dead.url}`, 'hold_while_down: 300ms'],
    based: [`url: ${one.url}/app/v1/`],
    keep: [`url: ${one.url}`, 'host: keep'],
    backend: [`url: ${one.url}`, 'host: backend'],
    named: [`url: ${one.url}`, 'host: old.shop.internal'],
    // ::1 refuses, 127.0.0.1 answers.
    local: [`url: http://localhost:${one.port}`],
  };
  await dead.stop();
  router = await startRouter(
    [
      `legacy: ${one.url}/base`,
      'features:',
      ...Object.entries(backends).flatMap(([name, lines]) => [
        `  ${name}:`,
        ...lines.map((line) => `    ${line}`),
      ]),
      'routes:',
      ...Object.keys(backends).flatMap((name) => ['  - match:', `      prefix: /${name}`, `    to: ${name}`]),
      'trust_proxies:',
      '  - 127.0.0.1/32',
      '',
    ].join('\n'),
  );
});

afterEach(() => {
  one.use((request, reply) => answerAs('one', request, reply));
});

afterAll(async () => {
  await router.stop('SIGKILL');
  for (const backend of [one, two, mortal, restarting]) await backend.stop();
});

async function answeredBy(target: string, lines: readonly string[] = []): Promise<string | undefined> {
  return (await ask(router.port, get(target, lines))).header('x-answered-by');
}

/** GETs and POSTs to this backend, by turns. */
function load(name: string): Load {
  return new Load(router.port, {
    clients: 8,
    pauseMs: 1,
    request: (client, number) =>
      client % 2 === 0 ? get(`/${name}/${number}`) : post(`/${name}/${number}`, 'x'),
  });
}

/** Waits for this many further answers. */
async function answers(running: Load, more: number): Promise<void> {
  const before = running.answered;
  await until(
    () => running.answered,
    (count) => count > before + more,
    { withinMs: 15_000, what: `${more} answers` },
  );
}

it('share the requests', async () => {
  const before = [one.requests.length, two.requests.length] as const;
  const running = load('shared');
  await answers(running, 400);
  expect((await running.stop()).lost).toEqual([]);
  const [toOne, toTwo] = [one.requests.length - before[0], two.requests.length - before[1]];
  expect(toOne / (toOne + toTwo)).toBeGreaterThan(0.25);
  expect(toOne / (toOne + toTwo)).toBeLessThan(0.75);
});

it('one dies under load: no GET and no POST fails; it is ejected, comes back, and is used again', async () => {
  const { port } = mortal;
  const running = load('mortal');
  await answers(running, 200);
  // It goes as a container goes: it stops listening, answers what it has, closes what is idle.
  await stopGently(mortal);
  await answers(running, 500);
  await until(
    () => router.metric('banyan_backend_endpoints', { backend: 'mortal', state: 'ejected' }),
    (count) => count === 1,
    { what: 'the ejection' },
  );
  const during = mortal.requests.length;
  await mortal.listen(port);
  await until(
    () => mortal.requests.length,
    (count) => count > during + 50,
    { withinMs: 15_000, what: 'requests to the one that came back' },
  );
  const figures = await running.stop();
  console.log('one of two endpoints dies and comes back:', JSON.stringify(figures));
  expect(figures.lost).toEqual([]);
  expect(Object.keys(figures.byStatus)).toEqual(['200']);
  expect(await router.metric('banyan_backend_endpoints', { backend: 'mortal', state: 'available' })).toBe(2);
});

/** Stops listening, and closes the connections once no request is under way on them. */
async function stopGently(backend: RawBackend): Promise<void> {
  backend.use(async (request, reply) => {
    const body = await request.body();
    reply.send(200, ['Connection: close'], body);
    reply.end();
  });
  const closed = backend.unlisten();
  await until(
    () => backend.open,
    (count) => count === 0,
    { withinMs: 15_000, what: 'the end of its connections' },
  );
  await closed;
  backend.use((request, reply) => answerAs('again', request, reply));
}

describe('balance', () => {
  it.each([
    ['by-cookie', (client: number) => [`Cookie: a=1; PHPSESSID=s${client}`]],
    // The one behind a trusted proxy.
    ['by-ip', (client: number) => [`X-Forwarded-For: 203.0.113.${client}`]],
  ])('%s keeps a client on its endpoint, and spreads clients', async (name, lines) => {
    const seen = new Set<string | undefined>();
    for (let client = 1; client < 17; client++) {
      const by = await answeredBy(`/${name}`, lines(client));
      for (let i = 0; i < 4; i++) expect(await answeredBy(`/${name}/${i}`, lines(client))).toBe(by);
      seen.add(by);
    }
    expect([...seen].sort()).toEqual(['one', 'two']);
  });

  it('a sticky client whose endpoint is down is served by the other', async () => {
    for (let i = 0; i < 12; i++) expect(await answeredBy('/half', [`Cookie: S=${i}`])).toBe('one');
  });
});

describe('max_in_flight', () => {
  it('with a queue: those above it wait their turn, in order, and none fails', async () => {
    let inFlight = 0;
    let most = 0;
    one.use(async (request, reply) => {
      most = Math.max(most, ++inFlight);
      await sleep(10);
      inFlight -= 1;
      reply.send(200, [], request.target);
    });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => ask(router.port, get(`/queued/${i}`))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 30 }, (_, i) => `/queued/${i}`));
    expect(most).toBe(2);
  });

  it('and a queue too short: 503 when its time is up, others unharmed', async () => {
    one.use((_, reply) => reply.takeOver());
    const before = one.requests.length;
    const busy = await RawClient.connect(router.port);
    busy.send(get('/impatient/busy'));
    await one.request(before);
    const from = performance.now();
    const answer = await ask(router.port, get('/impatient/waits'));
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'over_capacity' });
    expect(performance.now() - from).toBeGreaterThan(180);
    expect(performance.now() - from).toBeLessThan(700);
    busy.destroy();
  });
});

describe('hold_while_down', () => {
  it('a backend that restarts fails no request, GET or POST', async () => {
    const { port } = restarting;
    const running = load('restarting');
    await answers(running, 100);
    await stopGently(restarting);
    await sleep(800);
    await restarting.listen(port);
    await answers(running, 200);
    const figures = await running.stop();
    console.log('a backend that restarts:', JSON.stringify(figures));
    expect(figures.lost).toEqual([]);
    expect(Object.keys(figures.byStatus)).toEqual(['200']);
  });

  it('that does not come back: 502 when the time is up', async () => {
    const from = performance.now();
    const answer = await ask(router.port, get('/dead'));
    expect([answer.status, JSON.parse(answer.text).failure]).toEqual([502, 'connect_refused']);
    expect(performance.now() - from).toBeGreaterThan(280);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});

describe('where it is', () => {
  it.each([
    ['/based/a//b?c', '/app/v1/based/a//b?c'],
    ['/', '/base/'],
    ['/x?y', '/base/x?y'],
  ])('a base path stands before every path: %s', async (target, sent) => {
    one.use((request, reply) => reply.send(200, [], request.target));
    expect((await ask(router.port, get(target))).text).toBe(sent);
  });

  it('but not before *', async () => {
    one.use((request, reply) => reply.send(200, [], request.target));
    expect((await ask(router.port, 'OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n')).text).toBe('*');
  });

  it.each([
    ['keep', 'shop.example:8443'],
    ['backend', null],
    ['named', 'old.shop.internal'],
  ])('host: %s', async (name, wanted) => {
    one.use((request, reply) =>
      reply.send(
        200,
        [`X-Got: ${request.header('x-forwarded-host')}`],
        request.headerValues('host').join('|'),
      ),
    );
    const answer = await ask(router.port, `GET /${name} HTTP/1.1\r\nhOST: shop.example:8443\r\n\r\n`);
    expect(answer.text).toBe(wanted ?? `127.0.0.1:${one.port}`);
    expect(answer.header('x-got')).toBe('shop.example:8443');
  });

  it('a name with two addresses is asked at both', async () => {
    for (let i = 0; i < 10; i++) expect(await answeredBy('/local')).toBe('one');
  });
});
