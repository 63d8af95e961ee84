import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FallbackShop } from '../support/fallback-shop.ts';
import { plantDns } from '../support/planted-dns.ts';
import { RawBackend, type Script } from '../support/raw-backend.ts';
import { ask, get, post, type RawAnswer, RawClient } from '../support/raw-client.ts';
import { within } from '../support/until.ts';

/** Each way in which a feature fails to answer, by what it means for a GET and for a POST: counted at both backends. */

let shop: FallbackShop;
let dns: Awaited<ReturnType<typeof plantDns>>;

beforeAll(async () => {
  dns = await plantDns();
  dns.server.set('nameless.test', []);
  const dead = await RawBackend.start(() => {});
  const { port } = dead;
  await dead.stop();
  shop = await FallbackShop.start(
    {
      orders: ['fallback: true', 'timeouts: { response: 150ms, idle: 150ms }'],
      refused: [`url: http://127.0.0.1:${port}`, 'fallback: true'],
      held: [`url: http://127.0.0.1:${port}`, 'fallback: true', 'hold_while_down: 60s'],
      nameless: ['url: http://nameless.test:80', 'fallback: true'],
      secure: [`url: https://127.0.0.1:${port}`, 'fallback: true'],
      plain: ['fallback: true'],
      tripping: [
        'fallback: true',
        'breaker: { failures: 1, cooldown: 60s }',
        'timeouts: { response: 100ms }',
      ],
      only502: ['fallback: { when: [502] }'],
      putting: ['fallback: true'],
    },
    { nodeFlags: dns.nodeFlags, routeLines: { putting: ['repeatable: [GET, PUT]'] } },
  );
});

beforeEach(() => shop.reset());

afterAll(async () => {
  await shop.stop();
  await dns.stop();
});

const says =
  (status: number): Script =>
  async (request, reply) => {
    await request.body();
    reply.send(status, ['X-From: feature', 'X-Only-feature: 1', 'Set-Cookie: from=feature'], 'feature says');
  };

/** What the feature does · word · the client's status for a POST, that stays with it. */
const BROKEN: readonly [what: string, word: string, script: Script, postStatus: number][] = [
  ['resets', 'reset', (_, reply) => reply.reset(), 502],
  ['closes without a word', 'reset', (_, reply) => reply.end(), 502],
  [
    'breaks off in the head',
    'reset',
    (_, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nX-From: fea');
      reply.reset();
    },
    502,
  ],
  ['is silent', 'timeout', (_, reply) => reply.takeOver(), 504],
  ['speaks no HTTP', 'bad_response', (_, reply) => reply.write('SSH-2.0-OpenSSH\r\n\r\n'), 502],
  [
    'says two lengths',
    'bad_response',
    (_, reply) => reply.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
    502,
  ],
  ['says 502', '502', says(502), 502],
  ['says 503', '503', says(503), 503],
  ['says 504', '504', says(504), 504],
];

interface Counts {
  readonly fallbacks: number;
  readonly skipped: number;
}

async function counts(route: string, word: string, reason: string): Promise<Counts> {
  return {
    fallbacks: await shop.router.metric('banyan_fallbacks_total', { route, reason: word }),
    skipped: await shop.router.metric('banyan_fallbacks_skipped_total', { route, reason }),
  };
}

/** The line of the access log of this answer. */
function lineOf(answer: RawAnswer, path: string) {
  const { router } = shop;
  return within(
    5_000,
    'a line in the access log',
    router.log(({ path: logged, status }) => logged === path && status === answer.status),
  );
}

/** All of it is legacy's. */
function expectLegacys(answer: RawAnswer, body: string): void {
  expect(answer.status).toBe(200);
  expect(answer.text).toBe(`legacy got ${body}`);
  expect(answer.headerValues('x-from')).toEqual(['legacy']);
  expect(answer.header('x-only-feature')).toBeUndefined();
  expect(answer.header('set-cookie')).toBeUndefined();
}

describe.each(BROKEN)('where the feature %s', (what, word, script, postStatus) => {
  const path = `/orders/${what.replaceAll(' ', '-')}`;

  it('a GET is legacy’s, once', async () => {
    shop.feature.use(script);
    const before = await counts('orders', word, 'method');
    const answer = await ask(shop.router.port, get(`${path}/get`));
    expectLegacys(answer, '');
    expect(shop.legacy.requests).toHaveLength(1);
    expect(shop.feature.requests).toHaveLength(1);
    expect(await counts('orders', word, 'method')).toEqual({ ...before, fallbacks: before.fallbacks + 1 });
    expect(await lineOf(answer, `${path}/get`)).toMatchObject({
      ...{ fallback: word, side: 'feature', feature: 'orders', attempts: 2, failure: null },
      endpoint: `127.0.0.1:${shop.legacy.port}`,
    });
  });

  it('a HEAD too', async () => {
    // Lengths of a body that never comes are no matter.
    shop.feature.use(what === 'says two lengths' ? (_, reply) => reply.reset() : script);
    const answer = await ask(shop.router.port, `HEAD ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`);
    expect([answer.status, answer.header('x-from')]).toEqual([200, 'legacy']);
  });

  it('a POST is the feature’s alone, and is told what became of it', async () => {
    shop.feature.use(script);
    const before = await counts('orders', word, 'method');
    const answer = await ask(shop.router.port, post(`${path}/post`, 'order=1'));
    expect(answer.status).toBe(postStatus);
    expect(shop.legacy.requests).toHaveLength(0);
    expect(shop.feature.requests).toHaveLength(1);
    expect(await counts('orders', word, 'method')).toEqual({ ...before, skipped: before.skipped + 1 });
    expect((await lineOf(answer, `${path}/post`))['fallback']).toBeNull();
  });

  it('a PUT that may run twice is legacy’s, with its body', async () => {
    shop.feature.use(word === 'timeout' ? (_, reply) => reply.reset() : script);
    const answer = await ask(shop.router.port, post('/putting', 'all of it').replace('POST', 'PUT'));
    expectLegacys(answer, 'all of it');
    expect(shop.legacy.requests).toHaveLength(1);
  });
});

describe.each([
  ['refuses connections', 'refused'],
  ['would be held for long', 'held'],
  ['has no address', 'nameless'],
  ['has no certificate', 'secure'],
])('where the feature %s', (_what, route) => {
  it.each([
    ['GET', get(`/${route}`), ''],
    ['POST', post(`/${route}`, 'order=1'), 'order=1'],
  ])('a %s is legacy’s, at once', async (_method, request, body) => {
    const before = await counts(route, 'connect', 'method');
    const from = performance.now();
    const answer = await ask(shop.router.port, request);
    expect(performance.now() - from).toBeLessThan(3_000);
    expectLegacys(answer, body);
    expect(shop.legacy.requests).toHaveLength(1);
    expect(shop.feature.requests).toHaveLength(0);
    expect(await counts(route, 'connect', 'method')).toEqual({ ...before, fallbacks: before.fallbacks + 1 });
  });

  it('a body of any length is legacy’s, since none of it was read', async () => {
    const body = 'x'.repeat(1_000_000);
    const answer = await ask(shop.router.port, post(`/${route}`, body));
    expect(answer.text.length).toBe('legacy got '.length + body.length);
  });
});

it('an open breaker is no answer either: any method is legacy’s', async () => {
  shop.feature.use((_, reply) => reply.takeOver());
  expectLegacys(await ask(shop.router.port, get('/tripping')), '');
  shop.reset();
  expectLegacys(await ask(shop.router.port, post('/tripping', 'a write')), 'a write');
  expect(shop.feature.requests).toHaveLength(0);
  expect(shop.legacy.requests).toHaveLength(1);
  const page = JSON.stringify(await (await fetch(`${shop.router.adminUrl}/api/backends`)).json());
  expect(page).toContain('ejected');
});

describe('501: not built here yet', () => {
  it.each([
    ['GET', get('/orders/later'), ''],
    ['POST', post('/orders/later', 'order=1'), 'order=1'],
    [
      'chunked POST',
      'POST /orders HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'abc',
    ],
    ['DELETE', 'DELETE /orders/later HTTP/1.1\r\nHost: shop\r\n\r\n', ''],
  ])('a %s is legacy’s', async (_method, request, body) => {
    shop.feature.use(says(501));
    expectLegacys(await ask(shop.router.port, request), body);
    expect(shop.legacy.requests).toHaveLength(1);
    expect(shop.feature.requests).toHaveLength(1);
  });

  it('does not count against the feature’s health', async () => {
    shop.feature.use(says(501));
    const before = shop.feature.connections;
    const client = await RawClient.connect(shop.router.port);
    for (let i = 0; i < 60; i++) {
      client.send(get('/plain'));
      expectLegacys(await client.readAnswer(), '');
    }
    client.destroy();
    expect(shop.feature.requests).toHaveLength(60);
    expect(shop.feature.connections - before).toBeLessThan(5);
    const labels = { backend: 'plain', state: 'available' };
    expect(await shop.router.metric('banyan_backend_endpoints', labels)).toBe(1);
  });
});

it('what `when` does not name is the feature’s affair', async () => {
  for (const [status, from] of [
    [502, 'legacy'],
    [503, 'feature'],
    [501, 'feature'],
    [500, 'feature'],
    [404, 'feature'],
  ] as const) {
    shop.feature.use(says(status));
    expect((await ask(shop.router.port, get('/only502'))).header('x-from')).toBe(from);
  }
  shop.feature.use((_, reply) => reply.reset());
  expect((await ask(shop.router.port, get('/only502'))).status).toBe(502);
  expect(shop.legacy.requests).toHaveLength(1);
});

it('a 500 never is: it is an answer', async () => {
  shop.feature.use(says(500));
  const answer = await ask(shop.router.port, get('/orders'));
  expect([answer.status, answer.text]).toEqual([500, 'feature says']);
  expect(shop.legacy.requests).toHaveLength(0);
});
