import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { byLegacy, FallbackShop } from '../support/fallback-shop.ts';
import type { Script } from '../support/raw-backend.ts';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';

/** How far a fallback goes: bodies, places, time, and what legacy is told. */

let shop: FallbackShop;

beforeAll(async () => {
  shop = await FallbackShop.start(
    {
      orders: ['fallback: true'],
      small: ['fallback: { max_body: 8B }'],
      few: ['fallback: { max_in_flight: 1 }'],
      timed: ['fallback: true', 'timeouts: { response: 60s }'],
      changed: ['fallback: true', 'host: orders.internal'],
    },
    {
      routeLines: {
        small: ['repeatable: [GET, POST]'],
        timed: ['deadline: 300ms'],
        changed: [
          'rewrite: { strip_prefix: true }',
          'request_headers: { set: { x-for: feature } }',
          'response_headers: { set: { x-route: changed } }',
        ],
      },
    },
  );
});
beforeEach(() => shop.reset());
afterAll(() => shop.stop());

const says =
  (status: number): Script =>
  async (request, reply) => {
    await request.body();
    reply.send(status, ['X-From: feature'], 'feature says');
  };
const resets: Script = async (request, reply) => {
  await request.body();
  reply.reset();
};

const skipped = (route: string, reason: string): Promise<number> =>
  shop.router.metric('banyan_fallbacks_skipped_total', { route, reason });

describe('a body', () => {
  it('as long as `max_body` is sent anew, byte for byte', async () => {
    shop.feature.use(resets);
    const answer = await ask(shop.router.port, post('/small', '12345678'));
    expect(answer.text).toBe('legacy got 12345678');
  });

  it('that is longer is not: the feature’s failure is told, and counted', async () => {
    shop.feature.use(resets);
    const answer = await ask(shop.router.port, post('/small', '123456789'));
    expect(answer.status).toBe(502);
    expect(shop.legacy.requests).toHaveLength(0);
    expect(await skipped('small', 'body')).toBe(1);
  });

  it('that is longer, and met with 501, gets that', async () => {
    shop.feature.use(says(501));
    const answer = await ask(shop.router.port, post('/small', '123456789'));
    expect([answer.status, answer.text]).toEqual([501, 'feature says']);
    expect(shop.legacy.requests).toHaveLength(0);
  });

  it('that is still coming when the feature says 501 goes to legacy whole', async () => {
    shop.feature.use((_, reply) => reply.send(501));
    const client = await RawClient.connect(shop.router.port);
    client.send('POST /orders HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
    await shop.legacy.request(0);
    client.send('3\r\ntwo\r\n0\r\n\r\n');
    expect((await client.readAnswer('POST')).text).toBe('legacy got onetwo');
    client.destroy();
  });

  it('of which 64 KiB are kept keeps its every byte', async () => {
    shop.feature.use(says(501));
    const body = Array.from({ length: 65_536 }, (_, i) => String.fromCharCode(33 + (i % 90))).join('');
    expect((await ask(shop.router.port, post('/orders', body))).text).toBe(`legacy got ${body}`);
    expect((await ask(shop.router.port, post('/orders', `${body}1`))).status).toBe(501);
  });
});

describe('places', () => {
  it('are limited by `max_in_flight`: the next one gets the feature’s own answer', async () => {
    shop.feature.use(says(503));
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    shop.legacy.use(async (request, reply) => {
      await held;
      return byLegacy(request, reply);
    });
    const first = ask(shop.router.port, get('/few'));
    await shop.legacy.request(0);
    const second = await ask(shop.router.port, get('/few'));
    expect([second.status, second.text]).toEqual([503, 'feature says']);
    expect(await skipped('few', 'busy')).toBe(1);
    release();
    expect((await first).text).toBe('legacy got ');
    expect((await ask(shop.router.port, get('/few'))).text).toBe('legacy got ');
  });

  it('are given back by clients that leave', async () => {
    shop.feature.use(says(503));
    shop.legacy.use((_, reply) => reply.takeOver());
    const client = await RawClient.connect(shop.router.port);
    client.send(get('/few'));
    const { gone } = await shop.legacy.request(0);
    client.destroy();
    await gone;
    shop.legacy.use(byLegacy);
    const answer = await until(
      () => ask(shop.router.port, get('/few')),
      ({ status }) => status === 200,
    );
    expect(answer.text).toBe('legacy got ');
  });
});

describe('time', () => {
  it('is one deadline for both sides', async () => {
    shop.feature.use((_, reply) => reply.takeOver());
    shop.legacy.use((_, reply) => reply.takeOver());
    const from = performance.now();
    expect((await ask(shop.router.port, get('/timed'))).status).toBe(504);
    expect(performance.now() - from).toBeLessThan(3_000);
    // The feature's minute was not over: nobody else was asked.
    expect(shop.legacy.requests).toHaveLength(0);
  });

  it('of legacy is its own, within the deadline', async () => {
    shop.feature.use(says(503));
    shop.legacy.use((_, reply) => reply.takeOver());
    const from = performance.now();
    expect((await ask(shop.router.port, get('/timed'))).status).toBe(504);
    expect(performance.now() - from).toBeLessThan(3_000);
    expect(shop.legacy.requests).toHaveLength(1);
  });

  it('of an answer that has begun is not the deadline’s affair', async () => {
    shop.feature.use((_, reply) => reply.reset());
    shop.legacy.use((_, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc');
      setTimeout(() => reply.write('def'), 500);
    });
    expect((await ask(shop.router.port, get('/timed'))).text).toBe('abcdef');
  });
});

describe('never a mixed answer', () => {
  it('what broke off after its head is cut', async () => {
    shop.feature.use((_, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nX-From: feature\r\nContent-Length: 10\r\n\r\nhalf');
      setTimeout(() => reply.reset(), 50);
    });
    const answer = await ask(shop.router.port, get('/orders'));
    expect([answer.status, answer.complete, answer.text]).toEqual([200, false, 'half']);
    expect(shop.legacy.requests).toHaveLength(0);
    expect(await skipped('orders', 'started')).toBe(1);
  });

  it('and so is an empty one, of which only the head came', async () => {
    shop.feature.use((_, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      setTimeout(() => reply.reset(), 50);
    });
    const answer = await ask(shop.router.port, get('/orders'));
    expect([answer.status, answer.complete]).toEqual([200, false]);
    expect(shop.legacy.requests).toHaveLength(0);
  });

  it('of a long 503 nothing is seen, and the next request on the connection is unharmed', async () => {
    shop.feature.use((_, reply) => {
      reply.write(
        `HTTP/1.1 503 No\r\nX-From: feature\r\nContent-Length: 1000000\r\n\r\n${'f'.repeat(100_000)}`,
      );
    });
    const client = await RawClient.connect(shop.router.port);
    for (let i = 0; i < 3; i++) {
      client.send(get(`/orders/${i}`));
      expect(await client.readAnswer()).toMatchObject({ status: 200, text: 'legacy got ', complete: true });
    }
    client.destroy();
  });

  it('what legacy says is the answer, and what it fails with', async () => {
    shop.feature.use(says(503));
    shop.legacy.use((_, reply) => reply.send(503, ['X-From: legacy'], 'legacy is full'));
    expect((await ask(shop.router.port, get('/orders'))).text).toBe('legacy is full');
    shop.legacy.use((_, reply) => reply.reset());
    const answer = await ask(shop.router.port, get('/orders'));
    expect([answer.status, answer.header('x-from')]).toEqual([502, undefined]);
    expect(shop.feature.requests).toHaveLength(2);
  });

  it('legacy’s own hints come before its answer, beside the feature’s', async () => {
    shop.feature.use((_, reply) => {
      reply.write('HTTP/1.1 103 Early Hints\r\nLink: </feature.css>\r\n\r\n');
      reply.send(503);
    });
    shop.legacy.use((_, reply) => {
      reply.write('HTTP/1.1 103 Early Hints\r\nLink: </legacy.css>\r\n\r\n');
      reply.send(200, ['X-From: legacy'], 'legacy');
    });
    const answer = await ask(shop.router.port, get('/orders'));
    expect(answer).toMatchObject({ status: 200, text: 'legacy' });
    expect(answer.informational.map(({ status }) => status)).toEqual([103, 103]);
  });
});

describe('what legacy gets', () => {
  it('is the client’s own request, as if the feature had never been asked', async () => {
    const lines = ['X-Own: 1', 'Cookie: a=b', 'Connection: keep-alive, X-Hop', 'X-Hop: 1'];
    shop.feature.use(says(503));
    const answer = await ask(shop.router.port, get('/changed/some/thing?a=1', lines));
    expect(answer.header('x-route')).toBe('changed');
    const [toFeature] = shop.feature.requests;
    const [toLegacy] = shop.legacy.requests;
    expect(toFeature).toMatchObject({ target: '/some/thing?a=1' });
    expect([toFeature?.header('host'), toFeature?.header('x-for')]).toEqual(['orders.internal', 'feature']);
    expect(toLegacy).toMatchObject({ target: '/changed/some/thing?a=1' });
    expect(toLegacy?.header('host')).toBe('shop');
    for (const name of ['x-for', 'x-forwarded-prefix', 'x-hop'])
      expect(toLegacy?.header(name)).toBeUndefined();
    expect(toLegacy?.headerValues('via')).toEqual(['1.1 banyan']);
    expect(toLegacy?.headerValues('x-forwarded-for')).toHaveLength(1);
    expect(toLegacy?.headerValues('x-request-id')).toEqual(toFeature?.headerValues('x-request-id'));
    expect(toLegacy?.header('x-own')).toBe('1');
    // The same head that legacy gets on a route of its own.
    await ask(shop.router.port, get('/changed2', lines));
    const names = (headers: readonly string[] = []): string[] => headers.filter((_, i) => i % 2 === 0);
    expect(names(toLegacy?.headers)).toEqual(names(shop.legacy.requests[1]?.headers));
  });
});

it('an upgrade falls back too, before it is one', async () => {
  shop.feature.use((_, reply) => reply.reset());
  shop.legacy.use(async (_, reply) => {
    reply.takeOver();
    reply.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-From: legacy\r\n\r\n',
    );
    reply.write(await reply.reader.exactly(4));
  });
  const client = await RawClient.connect(shop.router.port);
  client.send(get('/orders/ws', ['Connection: Upgrade', 'Upgrade: echo']));
  const answer = await client.readAnswer();
  expect([answer.status, answer.header('x-from')]).toEqual([101, 'legacy']);
  const active = (backend: string) =>
    shop.router.metric('banyan_upgrades_active', { route: 'orders', backend });
  expect([await active('legacy'), await active('orders')]).toEqual([1, 0]);
  client.send('ping');
  expect((await client.reader.exactly(4)).toString()).toBe('ping');
  client.destroy();
});
