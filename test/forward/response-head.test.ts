import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerFields } from '../../src/forward/backend/answer-fields.ts';
import { ParsedHead } from '../../src/forward/backend/parsed-head.ts';
import { serialiseFields } from '../../src/forward/request-text.ts';
import { buildResponseHead, type ResponseHeadInput, untouchedHead } from '../../src/forward/response-head.ts';
import { allValues, firstValue } from '../../src/model/header-list.ts';
import type { RoutePolicy } from '../../src/model/route-table.ts';
import { tableOf } from '../support/table.ts';

interface Sketch {
  readonly status?: number;
  readonly policy?: Partial<RoutePolicy>;
  readonly basePath?: string;
  readonly debug?: boolean;
  readonly setCookie?: string;
  readonly origin?: string | null;
}

function parsed(status: number, headers: readonly string[]): ParsedHead {
  const text = serialiseFields(headers);
  const source = { text, start: 0, line: { minorVersion: 1, status, reason: 'R' } } as const;
  return new ParsedHead({ ...source, fields: new AnswerFields(text, 0, 100) }, 0, true);
}

/** How many heads could have passed as they came. */
let untouchedHeads = 0;

function headOf(headers: readonly string[], sketch: Sketch = {}): ReturnType<typeof buildResponseHead> {
  const url = { secure: false, host: 'orders', port: 3000, basePath: sketch.basePath ?? '' };
  const table = tableOf([{ name: 'r', prefix: '/shop', to: 'orders', policy: sketch.policy ?? {} }], {
    backends: { orders: { urls: [url, { ...url, secure: true, port: 443 }] } },
  });
  const route = table.routes[0] as NonNullable<(typeof table.routes)[0]>;
  const feature = table.features['orders'] as NonNullable<(typeof table.features)[string]>;
  const input: ResponseHeadInput = {
    decision: {
      kind: 'forward',
      route,
      side: 'feature',
      backend: feature.backend,
      feature,
      reason: 'stage',
      fallback: null,
      either: null,
    },
    matched: { route, alternative: 0, path: '/shop/x', normalPath: '/shop/x' },
    publicOrigin: sketch.origin === undefined ? 'http://shop.test:8080' : sketch.origin,
    debug: sketch.debug ?? false,
    fallback: null,
    setCookie: sketch.setCookie ?? null,
  };
  const answer = parsed(sketch.status ?? 200, headers);
  const head = buildResponseHead(answer, input);
  // Where lines pass as they came, they say what the fields say.
  const untouched = untouchedHead(answer, input);
  if (untouched !== null) {
    expect(untouched.lines).toBe(serialiseFields(head.headers));
    expect(untouched.headers).toEqual(head.headers);
    untouchedHeads++;
  }
  return head;
}

const strip = { policy: { rewrite: { kind: 'strip_prefix' } } } as const;

it('what belongs to the backend’s connection stays behind; the rest passes as it is', () => {
  const headers = [
    'X-a',
    '1',
    'Connection',
    'x-hop, keep-alive',
    'Keep-Alive',
    'timeout=5',
    'X-Hop',
    '1',
    'Proxy-Authenticate',
    'Basic',
    'Upgrade',
    'h2',
    'Transfer-Encoding',
    'chunked',
    'x-A',
    '2',
  ];
  expect(headOf(headers).headers).toEqual(['X-a', '1', 'x-A', '2']);
});

it('a 426 keeps its Upgrade, without which it says nothing; the front says Connection', () => {
  const headers = ['Upgrade', 'websocket', 'Connection', 'Upgrade'];
  expect(headOf(headers, { status: 426 }).headers).toEqual(['Upgrade', 'websocket']);
});

it('a 204 has no Content-Length (RFC 9110 section 8.6)', () => {
  expect(headOf(['Content-Length', '0'], { status: 204 }).headers).toEqual([]);
});

describe('Location', () => {
  it.each([
    ['http://orders:3000/a?b#c', {}, 'http://shop.test:8080/a?b#c'],
    ['https://ORDERS/a', { origin: 'https://shop.test:8080' }, 'https://shop.test:8080/a'],
    ['http://orders:3000/a', { origin: null }, 'http://orders:3000/a'],
    ['https://orders:443/a', {}, 'http://shop.test:8080/a'],
    ['http://orders:3000', {}, 'http://shop.test:8080'],
    ['http://orders:3000/app/a', { basePath: '/app' }, 'http://shop.test:8080/a'],
    ['http://orders:3000/apple', { basePath: '/app' }, 'http://shop.test:8080/apple'],
    ['http://orders:3000/a', strip, 'http://shop.test:8080/shop/a'],
    ['http://orders:3000/shop/a', strip, 'http://shop.test:8080/shop/a'],
  ])('%s at the backend’s own address becomes public', (location, sketch, expected) => {
    expect(firstValue(headOf(['Location', location], sketch).headers, 'location')).toBe(expected);
  });

  it.each([
    '/a',
    'a',
    '//orders:3000/a',
    'http://orders:3001/a',
    'http://orders/a',
    'https://pay.example/x',
    'http://orders:3000@evil/',
    '',
  ])('%s stays', (location) => {
    expect(firstValue(headOf(['Location', location], strip).headers, 'location')).toBe(location);
  });
});

describe('cookie paths under strip_prefix', () => {
  it.each([
    ['a=1; Path=/cart; HttpOnly', 'a=1; Path=/shop/cart; HttpOnly'],
    ['a=1;path=/cart', 'a=1;path=/shop/cart'],
    ['a=1; Path=/', 'a=1; Path=/'],
    ['a=1; Path=/shop/cart', 'a=1; Path=/shop/cart'],
    ['a=1', 'a=1'],
  ])('%s', (cookie, expected) => {
    expect(firstValue(headOf(['Set-Cookie', cookie], strip).headers, 'set-cookie')).toBe(expected);
    expect(firstValue(headOf(['Set-Cookie', cookie]).headers, 'set-cookie')).toBe(cookie);
  });
});

it('a route’s edits, then the debug headers', () => {
  const responseHeaders = { remove: ['server'], set: [['X-Frame-Options', 'DENY']], add: [] } as const;
  const { headers } = headOf(['Server', 'x'], { policy: { responseHeaders }, debug: true });
  expect(allValues(headers, 'server')).toEqual([]);
  expect(headers).toEqual([
    'X-Frame-Options',
    'DENY',
    'x-banyan-route',
    'r',
    'x-banyan-side',
    'feature',
    'x-banyan-reason',
    'stage',
  ]);
});

describe('a cookie of the router’s own', () => {
  const setCookie = 'banyan=1; Path=/';

  it('stands beside the backend’s, whatever the route does to those', () => {
    const backends = ['Set-Cookie', 'a=b'];
    expect(headOf(backends, { setCookie }).headers).toEqual([...backends, 'Set-Cookie', setCookie]);
    const responseHeaders = { set: [], add: [], remove: ['set-cookie'] };
    expect(headOf(backends, { setCookie, policy: { responseHeaders } }).headers).toEqual([
      'Set-Cookie',
      setCookie,
    ]);
  });

  it('stays off an answer that shared caches may keep, as the client gets it', () => {
    const open = ['Cache-Control', 'public, max-age=60'];
    const closed = ['Cache-Control', 'private'];
    expect(headOf(open, { setCookie }).headers).toEqual(open);
    const edits = (set: string[]) => ({
      responseHeaders: { set: [set as [string, string]], add: [], remove: [] },
    });
    expect(headOf(closed, { setCookie, policy: edits(open) }).headers).toEqual(open);
    expect(headOf(open, { setCookie, policy: edits(closed) }).headers).toContain(setCookie);
  });
});

it('passes the lines of an answer on as they came only where nothing is to be done to them', () => {
  const NAMES = [
    'Date',
    'ETag',
    'Link',
    'Pragma',
    'Connection',
    'connection',
    'Keep-Alive',
    'Set-Cookie',
    'TE',
  ];
  const MORE = [
    'Location',
    'Upgrade',
    'Proxy-Authenticate',
    'Transfer-Encoding',
    'Last-Modified',
    'User',
    'Host',
  ];
  const value = fc.constantFrom(
    'a',
    'close',
    'Keep-Alive',
    'ETag',
    '',
    'http://orders:3000/x',
    'a=1; Path=/y',
  );
  const field = fc.tuple(fc.constantFrom(...NAMES, ...MORE), value);
  const before = untouchedHeads;
  const property = fc.property(fc.array(field, { maxLength: 6 }), fc.boolean(), (fields, isStripped) => {
    headOf(['Content-Length', '0', ...fields.flat()], isStripped ? strip : {});
  });
  fc.assert(property, { numRuns: 2_000 });
  expect(untouchedHeads - before).toBeGreaterThan(200);
});
