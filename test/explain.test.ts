import { describe, expect, test } from 'vitest';
import { DEFAULT_SHADOW } from '../src/config/defaults.ts';
import { explain, explainable, type Question } from '../src/explain.ts';
import type { Canary } from '../src/model/route-table.ts';
import { type MatchSketch, type RouteSketch, type TableSketch, tableOf } from './support/table.ts';

const ROUTES: (RouteSketch & MatchSketch)[] = [
  { name: 'orders', prefix: '/api/orders', to: 'orders' },
  { name: 'ios', prefix: '/api/orders', headers: { 'x-app': 'ios' }, to: 'ios' },
  { name: 'stripped', prefix: '/strip/me', to: 'orders', policy: { rewrite: { kind: 'strip_prefix' } } },
  { name: 'hole', prefix: '/api/orders/old', to: 'legacy' },
  { name: 'moved', prefix: '/moved', redirect: { to: 'https://new.test/{path}', status: 301 } },
  { name: 'gone', path: '/gone', respond: { status: 410, body: 'gone' } },
  { name: 'host', hosts: ['m.shop.test'], prefix: '/', to: 'ios' },
];

function ask(question: Partial<Question>, sketch: TableSketch = {}) {
  return explain(explainable(tableOf(ROUTES, sketch)), { method: 'GET', url: '/', headers: [], ...question });
}

test('the shape of docs/admin.md, and what was asked in precedence order up to the winner', () => {
  const explanation = ask({ url: 'https://shop.test/api/orders/7?x=1', headers: [['X-App', 'ios']] });
  expect(explanation).toMatchObject({
    route: 'ios',
    side: 'feature',
    backend: 'ios',
    reason: 'stage',
    stage: 'live',
    considered: [
      { route: 'host', failed: 'host: wanted m.shop.test, got shop.test' },
      { route: 'gone', failed: 'path: /gone' },
      { route: 'hole', failed: 'path: prefix /api/orders/old' },
      { route: 'ios', failed: null },
    ],
    left_out: 0,
    request: { method: 'GET', path: '/api/orders/7?x=1' },
    answer: null,
    refused: null,
  });
});

test('the headers are those that would be sent', () => {
  const headers: [string, string][] = [
    ['X-App', 'ios'],
    ['Accept', 'a'],
    ['Accept', 'b'],
    ['Connection', 'close'],
  ];
  const { request } = ask({ url: 'https://shop.test/api/orders', headers, client: '203.0.113.9' });
  expect(request?.headers).toMatchObject({
    Host: 'shop.test',
    'X-App': 'ios',
    Accept: ['a', 'b'],
    'X-Forwarded-For': '203.0.113.9',
    'X-Forwarded-Proto': 'https',
    'X-Request-Id': '(a new id)',
  });
  expect(Object.keys(request?.headers ?? {})).not.toContain('Connection');
});

test('to a backend that is asked over HTTP/2 they are as HTTP/2 has them', () => {
  const headers: [string, string][] = [
    ['X-App', 'ios'],
    ['TE', 'trailers, deflate'],
  ];
  const { request } = ask(
    { url: 'https://shop.test/api/orders', headers },
    { backends: { ios: { http2: true } } },
  );
  expect(request).toMatchObject({ method: 'GET', path: '/api/orders', http: '2' });
  expect(request?.headers).toMatchObject({
    ':scheme': 'http',
    ':authority': 'shop.test',
    'x-app': 'ios',
    te: 'trailers',
  });
  expect(request?.headers).not.toHaveProperty('Host');
  expect(ask({ url: 'https://shop.test/api/orders' }).request?.http).toBe('1.1');
});

test('a request id from a trusted client stays', () => {
  const headers: [string, string][] = [['X-Request-Id', 'abc']];
  const trusting = { trustProxies: ['203.0.113.0/24'] };
  expect(ask({ headers, client: '203.0.113.9' }, trusting).request?.headers).toMatchObject({
    'X-Request-Id': 'abc',
  });
  const unusable: [string, string][] = [['X-Request-Id', 'a b']];
  expect(ask({ headers: unusable, client: '203.0.113.9' }, trusting).request?.headers).toMatchObject({
    'X-Request-Id': '(a new id)',
  });
  expect(ask({ headers }, trusting).request?.headers).toMatchObject({ 'X-Request-Id': '(a new id)' });
});

describe('where the host comes from', () => {
  test.each<[string, Partial<Question>, string | null]>([
    ['the authority of the url', { url: 'http://M.shop.test:8080/x' }, 'host'],
    [
      'a header, which wins over the url',
      { url: 'http://a.test/', headers: [['host', 'm.shop.test']] },
      'host',
    ],
    ['a url that is only an authority', { url: 'http://m.shop.test' }, 'host'],
    ['nowhere: localhost', {}, '(default)'],
  ])('%s', (_, question, route) => {
    expect(ask(question).route).toBe(route);
  });

  test.each(['orders', '?a=1', 'ftp://m.shop.test/'])(
    '%s is no target, and refused as the router refuses it',
    (url) => {
      expect(ask({ url }).refused?.failure).toBe('malformed_request');
    },
  );

  test('the path of a url with a query alone is the root', () => {
    expect(ask({ url: 'http://m.shop.test?a=1' }).request?.path).toBe('/?a=1');
  });
});

test('who answers, and why', () => {
  const answerOf = (url: string, sketch: TableSketch = {}) => {
    const { side, backend, reason, stage } = ask({ url }, sketch);
    return [side, backend, reason, stage];
  };
  expect(answerOf('/x')).toEqual(['legacy', 'legacy', 'default', null]);
  expect(answerOf('/api/orders/old')).toEqual(['legacy', 'legacy', 'pinned', null]);
  expect(answerOf('/api/orders', { stages: { orders: 'legacy' } })).toEqual([
    'legacy',
    'legacy',
    'stage',
    'legacy',
  ]);
  expect(answerOf('/api/orders', { legacyOnly: { everything: true } })).toEqual([
    'legacy',
    'legacy',
    'legacy_only',
    'live',
  ]);
});

test('the default route is the last one considered when no other takes the request', () => {
  expect(ask({ url: '/x' }).considered.at(-1)).toEqual({ route: '(default)', failed: null });
});

test('rewrites and the normal form show in the path that would be sent', () => {
  expect(ask({ url: '/strip/me/a' }).request?.path).toBe('/a');
  expect(ask({ url: '/x/../api/orders' }).request?.path).toBe('/api/orders');
});

test('redirect and respond: what would be answered, and no backend', () => {
  const local = { side: null, backend: 'none', reason: null, request: null };
  expect(ask({ url: '/moved/a?b=1' })).toMatchObject({
    ...local,
    route: 'moved',
    answer: { status: 301, location: 'https://new.test/moved/a?b=1', body: '' },
  });
  expect(ask({ url: '/gone' })).toMatchObject({
    ...local,
    answer: { status: 410, location: null, body: 'gone' },
  });
});

describe('refused', () => {
  test.each<[string, string, number, string]>([
    ['/x/..%2fapi/orders', 'ambiguous_path', 400, '%2F as a separator: picks "orders"'],
    ['/api/orders%00', 'malformed_request', 400, '%00'],
    ['/a b', 'malformed_request', 400, 'before its path is looked at'],
    ['/a#b', 'malformed_request', 400, 'before its path is looked at'],
    [`/${'a'.repeat(20_000)}`, 'url_too_long', 414, 'before its path is looked at'],
  ])('%s', (url, failure, status, detail) => {
    const explanation = ask({ url });
    expect(explanation).toMatchObject({ route: null, side: null, backend: null, request: null });
    expect(explanation.refused).toMatchObject({ failure, status, detail: expect.stringContaining(detail) });
  });

  test('what the normal form would have picked is still told', () => {
    expect(ask({ url: '/x/..%2fapi/orders' }).considered.at(-1)).toEqual({
      route: '(default)',
      failed: null,
    });
  });

  test('CONNECT, and methods with *', () => {
    expect(ask({ method: 'CONNECT' }).refused).toMatchObject({ failure: 'bad_method', status: 501 });
    expect(ask({ url: '*' }).refused).toMatchObject({ failure: 'malformed_request' });
    expect(ask({ url: '*', method: 'OPTIONS' })).toMatchObject({
      route: '(default)',
      request: { path: '*' },
    });
  });
});

test('characters outside ASCII are the bytes that a client would send', () => {
  expect(ask({ url: '/caf\u00e9' }).request?.path).toBe('/caf\u00c3\u00a9');
});

describe('a canary', () => {
  const canaryAt = (shareHundredths: number, by: Canary['by'] = [{ kind: 'place' }]): TableSketch => ({
    stages: { orders: 'canary' },
    features: {
      orders: { canary: { shareHundredths, by }, testers: { cookies: [['staff', '1']], headers: [] } },
    },
  });
  const askOf = (sketch: TableSketch, cookie: string | null, method = 'GET') => {
    const headers: [string, string][] = cookie === null ? [] : [['Cookie', cookie]];
    const { side, backend, reason, canary } = ask({ url: '/api/orders', headers, method }, sketch);
    return { side, backend, reason, canary };
  };
  const none = { share: 10, key: null, place: null, bucket: null, draws: false };

  test('by the place in the cookie: the bucket that serve would find', () => {
    const by = { share: 10, key: 'cookie', draws: false };
    const feature = { side: 'feature', backend: 'orders', reason: 'bucket' };
    const legacy = { side: 'legacy', backend: 'legacy', reason: 'bucket' };
    const [inside, outside] = [
      { ...by, place: 9999, bucket: 581 },
      { ...by, place: 1234, bucket: 5094 },
    ];
    expect(askOf(canaryAt(1_000), 'banyan=9999')).toEqual({ ...feature, canary: inside });
    expect(askOf(canaryAt(1_000), 'banyan=1234')).toEqual({ ...legacy, canary: outside });
  });

  test('by another key: no place, and the key as the file has it', () => {
    const sketch = canaryAt(1_000, [{ kind: 'cookie', name: 'sid' }, { kind: 'ip' }]);
    const bucket = expect.any(Number) as number;
    expect(askOf(sketch, 'sid=a').canary).toEqual({ ...none, key: 'cookie:sid', bucket });
    expect(askOf(sketch, null).canary).toEqual({ ...none, key: 'ip', bucket });
  });

  test('without a cookie a place would be drawn: the likelier side is shown', () => {
    const draws = { ...none, draws: true };
    expect(askOf(canaryAt(1_000), null)).toMatchObject({ side: 'legacy', canary: draws });
    expect(askOf(canaryAt(5_000), 'banyan=x')).toMatchObject({
      side: 'feature',
      canary: { ...draws, share: 50 },
    });
    expect(askOf(canaryAt(1_000), null, 'POST')).toMatchObject({ reason: 'no_key', canary: none });
  });

  test('at its ends it asks for no key; of testers it is not asked', () => {
    expect(askOf(canaryAt(10_000), null)).toMatchObject({ side: 'feature', canary: { ...none, share: 100 } });
    expect(askOf(canaryAt(0), 'banyan=1')).toMatchObject({ side: 'legacy', canary: { ...none, share: 0 } });
    expect(askOf(canaryAt(1_000), 'staff=1')).toEqual({
      side: 'feature',
      backend: 'orders',
      reason: 'tester',
      canary: null,
    });
  });
});

describe('a copy', () => {
  const shadow = { ...DEFAULT_SHADOW, share: 0.2, noise: 0.01, maxBody: 5 };
  const sketch: TableSketch = { stages: { orders: 'shadow' }, features: { orders: { shadow } } };
  const copyOf = (question: Partial<Question>) => ask(question, sketch).copy;

  test('is what the other side would get, with the path that it would see', () => {
    expect(copyOf({ url: '/strip/me/7?a=1' })).toEqual({
      backend: 'orders',
      percent: 20,
      noise: 1,
      skipped: null,
      path: '/7?a=1',
    });
  });

  test('is not made where a head tells that', () => {
    const url = '/api/orders';
    expect(copyOf({ url, method: 'POST' })).toMatchObject({ skipped: 'method', noise: 0 });
    expect(copyOf({ url, headers: [['Range', 'bytes=0-1']] })?.skipped).toBe('range');
    expect(copyOf({ url, headers: [['Content-Length', '6']] })?.skipped).toBe('too_large');
  });

  test('is not made of what has no shadow', () => {
    expect(copyOf({ url: '/elsewhere' })).toBeNull();
    expect(ask({ url: '/api/orders' }).copy).toBeNull();
    expect(ask({ url: '/gone' }).copy).toBeNull();
  });
});
