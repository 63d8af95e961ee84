import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FallbackShop } from '../support/fallback-shop.ts';
import type { Script } from '../support/raw-backend.ts';
import { ask, get, post, RawClient } from '../support/raw-client.ts';

/** `either: true`: a 404 of one side is asked on the other, whichever was asked first. */

let shop: FallbackShop;

const EITHER = ['either: true'];

beforeAll(async () => {
  shop = await FallbackShop.start(
    {
      live: [],
      both: ['fallback: true'],
      canary: ['stage: canary', 'canary: { share: 0% }'],
      shadow: ['stage: shadow'],
      done: ['stage: done'],
      plain: [],
    },
    { routeLines: { live: EITHER, both: EITHER, canary: EITHER, shadow: EITHER, done: EITHER } },
  );
});
beforeEach(() => shop.reset());
afterAll(() => shop.stop());

const says =
  (status: number, body = `${status}`, lines: readonly string[] = []): Script =>
  async (request, reply) => {
    await request.body();
    reply.send(status, lines, body);
  };

const counted = (route: string, result: string): Promise<number> =>
  shop.router.metric('banyan_either_total', { route, result });

describe('a file that only the other side has', () => {
  it.each([
    ['live', 'feature', 'legacy'],
    ['canary', 'legacy', 'feature'],
    ['shadow', 'legacy', 'feature'],
  ] as const)('in stage %s: %s says 404, %s has it', async (route, first, second) => {
    shop[first].use(says(404, 'not here', ['X-First: 1', 'Set-Cookie: first=1']));
    const answer = await ask(shop.router.port, get(`/${route}/app.1f3a.js`));
    expect([answer.status, answer.text]).toEqual([200, `${second} got `]);
    expect([answer.header('x-first'), answer.header('set-cookie')]).toEqual([undefined, undefined]);
    expect([shop[first].requests.length, shop[second].requests.length]).toEqual([1, 1]);
    expect(await counted(route, 'found')).toBe(1);
  });

  it('by HEAD', async () => {
    shop.feature.use(says(404, ''));
    const answer = await ask(shop.router.port, 'HEAD /live/a.js HTTP/1.1\r\nHost: shop\r\n\r\n');
    expect([answer.status, answer.header('x-only-legacy')]).toEqual([200, '1']);
  });

  it('on a connection that goes on', async () => {
    shop.feature.use(says(404, 'x'.repeat(30_000)));
    const client = await RawClient.connect(shop.router.port);
    for (let i = 0; i < 10; i++) {
      client.send(get(`/live/${i}.js`));
      expect((await client.readAnswer()).text).toBe('legacy got ');
    }
    client.destroy();
    expect(shop.feature.requests).toHaveLength(10);
  });
});

describe('the first 404 stands, whole,', () => {
  it.each<[string, Script, string]>([
    ['404', says(404, 'nor here'), 'not_found'],
    ['500', says(500), 'failed'],
    ['nothing', (_, reply) => reply.reset(), 'failed'],
    ['half a head', (_, reply) => reply.write('HTTP/1.1 200'.padEnd(40_000, 'x')), 'failed'],
  ])('where the other side says %s', async (_what, script, result) => {
    const before = await counted('live', result);
    shop.feature.use(says(404, 'not here', ['X-First: 1']));
    shop.legacy.use(script);
    const answer = await ask(shop.router.port, get('/live/a.js'));
    expect(answer).toMatchObject({ status: 404, text: 'not here', complete: true });
    expect(answer.header('x-first')).toBe('1');
    expect(await counted('live', result)).toBe(before + 1);
  });

  it('where it is too long to be kept', async () => {
    shop.feature.use(says(404, 'x'.repeat(200_000)));
    const answer = await ask(shop.router.port, get('/live/a.js'));
    expect([answer.status, answer.body.length]).toEqual([404, 200_000]);
    expect(shop.legacy.requests).toHaveLength(0);
  });
});

describe('nobody else is asked', () => {
  it.each([
    ['for a POST', post('/live/a', 'x'), 404],
    [
      'for a GET with a body',
      'GET /live/a HTTP/1.1\r\nHost: shop\r\nContent-Length: 70000\r\n\r\n'.concat('x'.repeat(70_000)),
      404,
    ],
    ['in stage done', get('/done/a.js'), 404],
    ['without the key', get('/plain/a.js'), 404],
  ])('%s', async (_what, request, status) => {
    shop.feature.use(says(404));
    expect((await ask(shop.router.port, request)).status).toBe(status);
    expect(shop.legacy.requests).toHaveLength(0);
  });

  it.each([200, 301, 403, 410, 500, 503])('about a %i', async (status) => {
    shop.feature.use(says(status));
    expect((await ask(shop.router.port, get('/live/a.js'))).status).toBe(status);
    expect(shop.legacy.requests).toHaveLength(0);
  });
});

it('a fallback and a 404 are one chance together', async () => {
  shop.feature.use((_, reply) => reply.reset());
  shop.legacy.use(says(404, 'legacy has none'));
  const answer = await ask(shop.router.port, get('/both/a.js'));
  expect([answer.status, answer.text]).toEqual([404, 'legacy has none']);
  expect([shop.feature.requests.length, shop.legacy.requests.length]).toEqual([1, 1]);
});
