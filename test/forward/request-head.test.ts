import { describe, expect, it } from 'vitest';
import { buildRequestHead, type RequestHeadInput } from '../../src/forward/request-head.ts';
import type { CopyPurpose } from '../../src/model/decision.ts';
import { allValues, firstValue, type HeaderList } from '../../src/model/header-list.ts';
import type { Rewrite } from '../../src/model/route-table.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';
import { type RouteSketch, tableOf } from '../support/table.ts';

interface Sketch {
  readonly isHttp2?: boolean;
  readonly headers?: readonly string[];
  readonly path?: string;
  readonly query?: string | null;
  readonly prefix?: string;
  readonly policy?: RouteSketch['policy'];
  readonly side?: 'legacy' | 'feature';
  readonly trust?: readonly string[];
  readonly host?: RequestHeadInput['decision']['backend']['host'];
  readonly basePath?: string;
  readonly upgrade?: string;
  readonly bodyLength?: number | null;
  readonly secure?: boolean;
  readonly copy?: CopyPurpose;
}

function headOf(sketch: Sketch): ReturnType<typeof buildRequestHead> {
  const { side = 'feature', path = '/api/orders/7', headers = ['Host', 'shop.test'] } = sketch;
  const table = tableOf([{ prefix: sketch.prefix ?? '/api', to: 'orders', policy: sketch.policy ?? {} }], {
    backends: { orders: sketch.host ? { host: sketch.host } : {} },
  });
  const route = table.routes[0] as NonNullable<(typeof table.routes)[0]>;
  const feature = table.features['orders'] ?? null;
  const backend = side === 'legacy' || feature === null ? table.legacy : feature.backend;
  const query = sketch.query ?? null;
  return buildRequestHead({
    decision: {
      kind: 'forward',
      route,
      side,
      backend,
      feature,
      reason: 'stage',
      fallback: null,
      either: null,
      copy: sketch.copy ?? null,
    },
    matched: { route, alternative: 0, path, normalPath: path },
    head: {
      method: 'GET',
      target: path,
      minorVersion: 1,
      headers,
      ...(sketch.isHttp2 === true && { isHttp2: true }),
    },
    traits: { method: 'GET', host: 'shop.test', path, query, headers },
    peer: { address: '192.0.2.7', port: 4711, secure: sketch.secure ?? false },
    trust: new TrustedProxies(sketch.trust ?? []),
    requestId: 'id-1',
    bodyLength: sketch.bodyLength ?? 0,
    upgrade: sketch.upgrade ?? null,
    expectsContinue: false,
    url: { hostname: 'orders', port: 3000, secure: false, basePath: sketch.basePath ?? '' },
  });
}

describe('the client’s fields', () => {
  it('pass in their order and case, duplicates and all', () => {
    const headers = ['hOsT', 'shop.test:8080', 'X-b', '1', 'Cookie', 'a=1', 'x-B', '2', 'Cookie', 'b=2'];
    expect(headOf({ headers }).headers.slice(0, 10)).toEqual(headers);
  });

  it.each([
    ['Connection', 'close'],
    ['Proxy-Connection', 'keep-alive'],
    ['Keep-Alive', 'timeout=5'],
    ['TE', 'trailers'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'h2c'],
    ['HTTP2-Settings', 'AAMAAABk'],
    ['Proxy-Authorization', 'Basic eA=='],
    ['Proxy', 'http://evil'],
    ['X-Banyan-Side', 'feature'],
    ['x_banyan_shadow', '1'],
    ['Forwarded', 'for=1.1.1.1'],
    ['X-Original-URL', '/admin'],
    ['X-Rewrite-URL', '/admin'],
    ['X-Forwarded-Prefix', '/x'],
    ['X-Forwarded-User', 'root'],
    ['X_Forwarded_For', '1.1.1.1'],
    ['X-Forwarded_For', '1.1.1.1'],
    ['X_Real-IP', '1.1.1.1'],
  ])('%s stays behind', (name, value) => {
    const { headers } = headOf({ headers: ['Host', 'shop.test', name, value] });
    expect(headers).not.toContain(name);
    expect(headers).not.toContain(value);
  });

  it('named by Connection stay behind, but none that the message or the router needs', () => {
    const headers = [
      'Host',
      'shop.test',
      'X-Hop',
      '1',
      'Content-Length',
      '3',
      'Connection',
      'x-hop, host, content-length, x-forwarded-for, via, x-request-id',
    ];
    const sent = headOf({ headers, bodyLength: 3 }).headers;
    expect(firstValue(sent, 'x-hop')).toBeUndefined();
    for (const name of ['host', 'content-length', 'x-forwarded-for', 'via', 'x-request-id']) {
      expect(allValues(sent, name), name).toHaveLength(1);
    }
  });

  it('with an underscore that says nothing of proxies pass', () => {
    expect(headOf({ headers: ['Host', 'a', 'user_id', '7'] }).headers).toContain('user_id');
  });
});

describe('what the router says of the client', () => {
  it('is taken from the socket when nobody is trusted', () => {
    const headers = [
      'Host',
      'shop.test:8080',
      'X-Forwarded-For',
      '6.6.6.6',
      'X-Forwarded-Proto',
      'https',
      'X-Real-IP',
      '6.6.6.6',
      'X-Request-Id',
      'evil',
    ];
    const sent = headOf({ headers }).headers;
    const said = Object.fromEntries(
      ['for', 'proto', 'host', 'port'].map((key) => [key, allValues(sent, `x-forwarded-${key}`)]),
    );
    expect(said).toEqual({ for: ['192.0.2.7'], proto: ['http'], host: ['shop.test:8080'], port: ['8080'] });
    expect(allValues(sent, 'x-real-ip')).toEqual(['192.0.2.7']);
    expect(allValues(sent, 'x-request-id')).toEqual(['id-1']);
    expect(allValues(sent, 'via')).toEqual(['1.1 banyan']);
  });

  it('says in Via what the client spoke', () => {
    const head = headOf({ headers: ['host', 'shop.test'], isHttp2: true });
    expect(allValues(head.headers, 'via')).toEqual(['2 banyan']);
  });

  it('keeps what a trusted proxy says, and appends to X-Forwarded-For', () => {
    const headers = [
      'Host',
      'shop.test',
      'X-Forwarded-For',
      '203.0.113.9',
      'X-Forwarded-Proto',
      'https',
      'X-Forwarded-Host',
      'public.test',
      'Forwarded',
      'for=x',
      'Via',
      '1.1 lb',
    ];
    const sent = headOf({ headers, trust: ['192.0.2.0/24'] }).headers;
    expect(allValues(sent, 'x-forwarded-for')).toEqual(['203.0.113.9, 192.0.2.7']);
    expect(allValues(sent, 'x-forwarded-proto')).toEqual(['https']);
    expect(allValues(sent, 'x-forwarded-host')).toEqual(['public.test']);
    expect(allValues(sent, 'x-forwarded-port')).toEqual(['443']);
    expect(allValues(sent, 'x-real-ip')).toEqual(['203.0.113.9']);
    expect(allValues(sent, 'forwarded')).toEqual(['for=x']);
    expect(allValues(sent, 'via')).toEqual(['1.1 lb', '1.1 banyan']);
  });

  it.each([
    ['example.com', false, '80'],
    ['example.com', true, '443'],
    ['[::1]:81', true, '81'],
  ])('X-Forwarded-Port of %s, TLS %s: %s', (host, secure, port) => {
    expect(firstValue(headOf({ headers: ['Host', host], secure }).headers, 'x-forwarded-port')).toBe(port);
  });
});

describe('Host', () => {
  it.each([
    [{ kind: 'keep' }, 'shop.test:8080'],
    [{ kind: 'backend' }, 'orders:3000'],
    [{ kind: 'name', name: 'internal.test' }, 'internal.test'],
  ] as const)('%j', (host, expected) => {
    expect(
      allValues(headOf({ headers: ['X', '1', 'Host', 'shop.test:8080'], host }).headers, 'host'),
    ).toEqual([expected]);
  });

  it('is the backend’s own when an HTTP/1.0 client gave none', () => {
    expect(headOf({ headers: [] }).headers.slice(0, 2)).toEqual(['Host', 'orders:3000']);
  });
});

describe('the path', () => {
  const strip: Rewrite = { kind: 'strip_prefix' };
  it.each([
    ['/api', '/api/orders/7', strip, '/orders/7'],
    ['/api', '/api', strip, '/'],
    ['/api', '/api/', strip, '/'],
    ['/', '/api', strip, '/api'],
    ['/u/:id', '/u/7/cart', strip, '/cart'],
    ['/api', '/api/x', { kind: 'replace_prefix', prefix: '/v2' } as Rewrite, '/v2/x'],
    ['/api', '/api', { kind: 'replace_prefix', prefix: '/v2' } as Rewrite, '/v2'],
    ['/api', '/api', { kind: 'replace_prefix', prefix: '/v2/' } as Rewrite, '/v2'],
    ['/api', '/api/x', { kind: 'replace_prefix', prefix: '/' } as Rewrite, '/x'],
    ['/api', '/api//x', strip, '//x'],
  ])('prefix %s, path %s', (prefix, path, rewrite, sent) => {
    expect(headOf({ prefix, path, policy: { rewrite } }).path).toBe(sent);
  });

  it('keeps the query’s bytes, also an empty one', () => {
    expect(headOf({ query: 'a=%zz&b=//' }).path).toBe('/api/orders/7?a=%zz&b=//');
    expect(headOf({ query: '' }).path).toBe('/api/orders/7?');
  });

  it('is the client’s own for legacy, whatever the route rewrites, and its headers too', () => {
    const policy = {
      rewrite: strip,
      requestHeaders: { set: [['X-Set', '1']], add: [], remove: ['host'] },
    } as const;
    const sent = headOf({ policy, side: 'legacy' });
    expect(sent.path).toBe('/api/orders/7');
    expect(firstValue(sent.headers, 'x-set')).toBeUndefined();
    expect(firstValue(sent.headers, 'x-forwarded-prefix')).toBeUndefined();
  });

  it('goes below the base path of the url; the stripped prefix is told', () => {
    const sent = headOf({ basePath: '/app', policy: { rewrite: strip } });
    expect(sent.path).toBe('/app/orders/7');
    expect(firstValue(sent.headers, 'x-forwarded-prefix')).toBe('/api');
  });
});

it('a route’s edits: remove, set in place, add', () => {
  const requestHeaders = { remove: ['x-a'], set: [['X-B', 'new']], add: [['X-C', '2']] } as const;
  const headers = ['Host', 'h', 'x-b', 'old', 'X-A', '1', 'x-B', 'older', 'X-C', '1'];
  const sent = headOf({ headers, policy: { requestHeaders } }).headers;
  expect(sent.slice(0, 6)).toEqual(['Host', 'h', 'X-B', 'new', 'X-C', '1']);
  expect(allValues(sent, 'x-c')).toEqual(['1', '2']);
});

it('an upgrade is passed on with its Connection, made anew', () => {
  const sent = headOf({
    headers: ['Host', 'h', 'Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket'],
    upgrade: 'websocket',
  }).headers;
  expect(allValues(sent, 'connection')).toEqual(['Upgrade']);
  expect(allValues(sent, 'upgrade')).toEqual(['websocket']);
});

it('the length of a body is said as it was read', () => {
  const headers = ['Host', 'h', 'content-Length', '00005', 'X', '1'];
  expect(headOf({ headers, bodyLength: 5 }).headers.slice(0, 6)).toEqual([
    'Host',
    'h',
    'content-Length',
    '5',
    'X',
    '1',
  ]);
});

describe('a copy', () => {
  const marks = (sent: HeaderList): string[] => allValues(sent, 'x-banyan-shadow');

  it('is marked on either side, whatever the route takes away; nothing else is, whatever a client says', () => {
    const requestHeaders = { remove: ['x-banyan-shadow'], set: [], add: [['X-Banyan-Shadow', '2']] } as const;
    const headers = ['Host', 'shop.test', 'X-Banyan-Shadow', '1'];
    for (const side of ['legacy', 'feature'] as const) {
      expect(marks(headOf({ side, headers, copy: 'shadow' }).headers)).toEqual(['1']);
      expect(marks(headOf({ side, headers, copy: 'noise' }).headers)).toEqual(['1']);
      expect(marks(headOf({ side, headers }).headers)).toEqual([]);
    }
    expect(marks(headOf({ policy: { requestHeaders }, copy: 'shadow' }).headers)).toEqual(['1']);
  });
});
