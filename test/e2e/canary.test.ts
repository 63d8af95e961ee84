import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CanaryShop, placeCookieOf, whoAnswered } from '../support/canary-shop.ts';
import { ask, post, type RawAnswer } from '../support/raw-client.ts';
import { RawWebSocket } from '../support/websocket.ts';

/** A canary as its clients see it: cookies, keys, testers, preflights, upgrades. */

/** Of orders, in permuted order: bucket 581 and bucket 9465. */
const [INSIDE, OUTSIDE] = ['Cookie: banyan=9999', 'Cookie: banyan=0'];
const COOKIE = /^banyan=(\d{1,4}); Path=\/; HttpOnly; SameSite=Lax; Max-Age=31536000$/;

describe.each(['wire', 'fastify'])('a canary on the %s front', (front) => {
  let shop: CanaryShop;

  beforeAll(async () => {
    shop = await CanaryShop.open({}, front);
  });
  afterAll(() => shop.close());
  beforeEach(() => shop.edit({ share: '10%' }));

  const request = (method: string, lines: readonly string[] = [], version = '1.1'): Promise<RawAnswer> =>
    ask(
      shop.router.port,
      `${method} /orders HTTP/${version}\r\nHost: shop\r\n${lines.join('\r\n')}${lines.length > 0 ? '\r\n' : ''}\r\n`,
    );

  it('keeps a client on its side by a cookie that it sets once', async () => {
    await shop.edit({ share: '50%' });
    const sides = new Set<string>();
    for (let client = 0; client < 20; client += 1) {
      const first = await shop.get();
      const [, place] = COOKIE.exec(placeCookieOf(first) ?? '') ?? [];
      expect(place).toBeDefined();
      sides.add(whoAnswered(first));
      for (let i = 0; i < 5; i += 1) {
        const again = await shop.get(
          [`Cookie: theme=dark; banyan=${place}`],
          i % 2 ? '/api/orders' : '/orders',
        );
        expect(whoAnswered(again)).toBe(whoAnswered(first));
        expect(placeCookieOf(again)).toBeUndefined();
      }
    }
    // That all of twenty clients land on one side happens once in half a million runs.
    expect(sides).toEqual(new Set(['legacy', 'orders']));
  });

  it('takes the bucket of the cookie, and passes the cookie on', async () => {
    expect(whoAnswered(await shop.get([INSIDE]))).toBe('orders');
    expect(shop.orders.requests.at(-1)!.header('cookie')).toBe('banyan=9999');
    expect(whoAnswered(await shop.get([OUTSIDE]))).toBe('legacy');
    expect(whoAnswered(await shop.get([OUTSIDE, INSIDE]))).toBe('legacy');
    expect(whoAnswered(await shop.get(['Cookie: banyan=junk; banyan=9999']))).toBe('orders');
  });

  it.each(['feature', '-1', '10000', '09999', '"9999"', '9999x', ''])(
    'does not know the cookie %j',
    async (junk) => {
      expect(placeCookieOf(await shop.get([`Cookie: banyan=${junk}`]))).toMatch(COOKIE);
    },
  );

  it('draws for GET and HEAD alone; without a place other methods go to legacy, with one by it', async () => {
    expect(placeCookieOf(await request('HEAD'))).toMatch(COOKIE);
    const first = await ask(shop.router.port, post('/orders', 'x'));
    expect([whoAnswered(first), placeCookieOf(first)]).toEqual(['legacy', undefined]);
    const known = await ask(shop.router.port, post('/orders', 'x', [INSIDE]));
    expect(whoAnswered(known)).toBe('orders');
    const labels = { route: 'orders', side: 'legacy', reason: 'no_key' };
    expect(await shop.router.metric('banyan_decisions_total', labels)).toBeGreaterThan(0);
  });

  it('speaks to HTTP/1.0 too', async () => {
    const first = await request('GET', [], '1.0');
    expect(placeCookieOf(first)).toMatch(COOKIE);
    expect(whoAnswered(await request('GET', [INSIDE], '1.0'))).toBe('orders');
  });

  it('sets no cookie on what shared caches may keep, beside the backend’s cookies elsewhere', async () => {
    const withLine = async (line: string) => placeCookieOf(await shop.get([`X-Reply: ${line}`]));
    expect(await withLine('Cache-Control: public, max-age=60')).toBeUndefined();
    expect(await withLine('Cache-Control: s-maxage=60')).toBeUndefined();
    expect(await withLine('Cache-Control: max-age=60')).toBeUndefined();
    expect(await withLine('Cache-Control: private, max-age=60')).toMatch(COOKIE);
    expect(await withLine('Cache-Control: no-cache')).toMatch(COOKIE);
    const both = await shop.get(['X-Reply: Set-Cookie: sid=1']);
    expect(both.headerValues('set-cookie')).toEqual(['sid=1', expect.stringMatching(COOKIE)]);
  });

  it('sets none at 0 and 100 %, on other routes, and for testers', async () => {
    const testers = ['testers:', '  cookies: { staff: 1 }'];
    await shop.edit({ share: '10%', more: testers });
    const tester = await shop.get(['Cookie: staff=1']);
    expect([whoAnswered(tester), placeCookieOf(tester)]).toEqual(['orders', undefined]);
    expect(placeCookieOf(await shop.get([], '/elsewhere'))).toBeUndefined();
    await shop.edit({ share: '0%', more: testers });
    expect(placeCookieOf(await shop.get())).toBeUndefined();
    expect(whoAnswered(await shop.get(['Cookie: staff=1']))).toBe('orders');
    await shop.edit({ share: '100%' });
    const whole = await shop.get();
    expect([whoAnswered(whole), placeCookieOf(whole)]).toEqual(['orders', undefined]);
    expect(whoAnswered(await ask(shop.router.port, post('/orders', 'x')))).toBe('orders');
  });

  it('is Secure for clients of a trusted proxy that speaks TLS', async () => {
    const line = 'X-Forwarded-Proto: https';
    expect(placeCookieOf(await shop.get([line]))).toMatch(COOKIE);
    await shop.edit({ top: ['trust_proxies: [127.0.0.1]'] });
    expect(placeCookieOf(await shop.get([line]))).toMatch(/; Secure$/);
    expect(placeCookieOf(await shop.get())).toMatch(COOKIE);
  });

  it('goes by other keys: a header, a cookie of the site, the address', async () => {
    const withUser = async (user: number) => whoAnswered(await shop.get([`X-User: ${user}`]));
    await shop.edit({ share: '62.69%', by: 'header:x-user' });
    expect(await withUser(42)).toBe('legacy');
    await shop.edit({ share: '62.7%', by: 'header:x-user' });
    expect(await withUser(42)).toBe('orders');
    const nobody = await shop.get();
    expect([whoAnswered(nobody), placeCookieOf(nobody)]).toEqual(['legacy', undefined]);
    await shop.edit({ share: '62.7%', by: '[header:x-user, cookie:sid]' });
    expect(whoAnswered(await shop.get(['Cookie: sid=42']))).toBe('orders');
    const trust = { top: ['trust_proxies: [127.0.0.1]'] };
    await shop.edit({ share: '8.23%', by: 'ip', ...trust });
    expect(whoAnswered(await shop.get(['X-Forwarded-For: 203.0.113.9']))).toBe('orders');
    await shop.edit({ share: '8.22%', by: 'ip', ...trust });
    expect(whoAnswered(await shop.get(['X-Forwarded-For: 203.0.113.9']))).toBe('legacy');
  });

  it('answers preflights from legacy below 100 %, a tester’s from the feature, and with no cookie', async () => {
    const preflight = (...lines: string[]) =>
      request('OPTIONS', ['Origin: https://a.test', 'Access-Control-Request-Method: PUT', ...lines]);
    await shop.edit({ share: '99%', more: ['testers:', '  headers: { x-tester: 1 }'] });
    const plain = await preflight(INSIDE);
    expect([whoAnswered(plain), placeCookieOf(plain)]).toEqual(['legacy', undefined]);
    expect(whoAnswered(await preflight('Access-Control-Request-Headers: x-tester'))).toBe('orders');
    await shop.edit({ share: '100%' });
    expect(whoAnswered(await preflight())).toBe('orders');
  });

  it('takes upgrades and streams to the side of their page', async () => {
    for (const [cookie, side] of [
      [INSIDE, 'orders'],
      [OUTSIDE, 'legacy'],
    ] as const) {
      const backend = side === 'orders' ? shop.orders : shop.legacy;
      const socket = await RawWebSocket.open(shop.router.port, '/orders/ws', [cookie]);
      expect(await socket.echo('hello')).toBe('hello');
      expect(backend.requests.at(-1)!.target).toBe('/orders/ws');
      expect(placeCookieOf(socket.answer)).toBeUndefined();
      socket.destroy();
    }
    const first = await RawWebSocket.open(shop.router.port, '/orders/ws');
    expect(placeCookieOf(first.answer)).toMatch(COOKIE);
    first.destroy();
  });

  it('is explained as it is decided, and counted', async () => {
    const explained = async (query: string) =>
      (await (await fetch(`${shop.router.adminUrl}/api/explain?url=/orders${query}`)).json()) as object;
    const inside = { side: 'feature', reason: 'bucket', canary: { share: 10, place: 9999, bucket: 581 } };
    expect(await explained(`&header=${encodeURIComponent(INSIDE!)}`)).toMatchObject(inside);
    expect(await explained('')).toMatchObject({ side: 'legacy', canary: { draws: true, bucket: null } });
    await shop.get([INSIDE!]);
    const labels = { route: 'orders', side: 'feature', reason: 'bucket' };
    expect(await shop.router.metric('banyan_decisions_total', labels)).toBeGreaterThan(0);
    expect(await shop.router.metric('banyan_feature_share_ratio', { feature: 'orders' })).toBe(0.1);
  });
});
