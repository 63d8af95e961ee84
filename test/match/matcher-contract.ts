import { describe, expect, test } from 'vitest';
import { isRefused, type Matcher } from '../../src/model/matched.ts';
import type { RouteTable } from '../../src/model/route-table.ts';
import { type MatchSketch, type RouteSketch, type TableSketch, tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';

/** What any matcher must do with routes, hosts, paths and conditions: run against the index and against the reference. */
export function matcherContract(name: string, build: (table: RouteTable) => Matcher): void {
  describe(name, () => {
    for (const { title, routes, sketch, requests } of CASES) {
      describe(title, () => {
        const matcher = build(tableOf(named(routes), sketch));
        test.each(requests.map((request) => [titleOf(request), request] as const))('%s', (_, request) => {
          const { expected, target, ...rest } = request;
          const result = matcher.match(traitsOf(target, rest));
          expect(isRefused(result) ? result.failure : result.route.name).toBe(expected);
        });
      });
    }
  });
}

interface RequestCase {
  readonly target: string;
  readonly expected: string;
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

interface Case {
  readonly title: string;
  readonly routes: Readonly<Record<string, RouteSketch & MatchSketch>>;
  readonly sketch?: TableSketch;
  readonly requests: readonly RequestCase[];
}

const DEFAULT = '(default)';
const get = (target: string, expected: string, more: Partial<RequestCase> = {}): RequestCase => ({
  target,
  expected,
  ...more,
});

function named(routes: Case['routes']): (RouteSketch & MatchSketch)[] {
  return Object.entries(routes).map(([name, route]) => ({ name, to: 'f', ...route }));
}

function titleOf({ target, method, host, headers, expected }: RequestCase): string {
  const parts = [method ?? 'GET', host ?? '', target, headers ? JSON.stringify(headers) : ''];
  return `${parts.filter((part) => part !== '').join(' ')} → ${expected}`;
}

const CORS = { origin: 'https://a.test', 'access-control-request-method': 'POST' };

const CASES: readonly Case[] = [
  {
    title: 'a prefix takes whole segments',
    routes: { api: { prefix: '/api' }, deep: { prefix: '/api/orders/' } },
    requests: [
      get('/api', 'api'),
      get('/api/', 'api'),
      get('/api/x', 'api'),
      get('/apix', DEFAULT),
      get('/', DEFAULT),
      get('/api/orders', 'deep'),
      get('/api/orders/7', 'deep'),
      get('/api/orders7', 'api'),
      get('/API', DEFAULT),
    ],
  },
  {
    title: 'a path takes itself alone, and its trailing slash counts',
    routes: { one: { path: '/one' }, slash: { path: '/two/' }, root: { path: '/' } },
    requests: [
      get('/one', 'one'),
      get('/one/', DEFAULT),
      get('/one/x', DEFAULT),
      get('/two', DEFAULT),
      get('/two/', 'slash'),
      get('/', 'root'),
      get('/x', DEFAULT),
    ],
  },
  {
    title: 'a parameter is one segment and never empty',
    routes: {
      user: { path: '/users/:id' },
      orders: { path: '/users/:id/orders' },
      files: { prefix: '/f/:name/raw' },
    },
    requests: [
      get('/users/7', 'user'),
      get('/users/', DEFAULT),
      get('/users', DEFAULT),
      get('/users/7/', DEFAULT),
      get('/users/7/orders', 'orders'),
      get('/users//orders', 'user'),
      get('/f/x/raw/y', 'files'),
      get('/f/x/rawr', DEFAULT),
      get('/users/:id', 'user'),
    ],
  },
  {
    title: 'exact before segments, literals before parameters from the left, longer before shorter',
    routes: {
      root: { prefix: '/' },
      param: { prefix: '/:x' },
      first: { prefix: '/a' },
      paramTail: { path: '/a/:y/c' },
      literal: { prefix: '/a/b' },
      whole: { path: '/:x/:y' },
      exact: { path: '/a/b/c' },
    },
    requests: [
      get('/', 'root'),
      get('/z', 'param'),
      get('/z/z', 'whole'),
      get('/z/z/z', 'param'),
      get('/a', 'first'),
      get('/a/z', 'first'),
      get('/a/z/c', 'paramTail'),
      get('/a/b', 'literal'),
      get('/a/b/c', 'exact'),
      get('/a/b/c/d', 'literal'),
    ],
  },
  {
    title: 'a whole path with parameters before the prefix of the same segments, after a literal prefix',
    routes: { me: { prefix: '/users/me' }, prefix: { prefix: '/users/:id' }, path: { path: '/users/:name' } },
    requests: [get('/users/7', 'path'), get('/users/7/x', 'prefix'), get('/users/me', 'me')],
  },
  {
    title: 'a regular expression by its literal head',
    routes: {
      loose: { regex: '\\.php$' },
      root: { prefix: '/' },
      alternatives: { regex: '^/(cart|basket)/' },
      head: { regex: '^/api/orders/\\d+$' },
      prefix: { prefix: '/api/orders' },
      tie: { regex: '^/api/carts$' },
      carts: { prefix: '/api/carts' },
      short: { regex: '^/api/ord' },
      api: { prefix: '/api' },
    },
    requests: [
      get('/x.php', 'root'),
      get('/cart/7', 'alternatives'),
      get('/cartoon', 'root'),
      get('/api/orders/7', 'head'),
      get('/api/orders/x', 'prefix'),
      get('/api/carts', 'carts'),
      get('/api/ordinary', 'short'),
      get('/api/x', 'api'),
    ],
  },
  {
    title: 'an unanchored regular expression takes what nothing else takes',
    routes: { php: { regex: '\\.php$' }, api: { prefix: '/api' } },
    requests: [get('/a/b.php', 'php'), get('/api/b.php', 'api'), get('/a/b.phps', DEFAULT)],
  },
  {
    title: 'a more specific host before everything else',
    routes: {
      any: { path: '/x/y' },
      wide: { prefix: '/x', hosts: ['*.test'] },
      narrow: { prefix: '/', hosts: ['*.shop.test'] },
      exact: { prefix: '/x', hosts: ['www.shop.test', 'shop.test'] },
    },
    requests: [
      get('/x/y', 'any', { host: 'other.org' }),
      get('/x/y', 'wide', { host: 'a.test' }),
      get('/x/y', 'wide', { host: 'a.b.test' }),
      get('/x/y', 'any', { host: 'test' }),
      get('/x/y', 'any', { host: '' }),
      get('/x/y', 'narrow', { host: 'a.shop.test' }),
      get('/x/y', 'narrow', { host: 'a.b.shop.test' }),
      get('/x/y', 'exact', { host: 'shop.test' }),
      get('/x/y', 'exact', { host: 'www.shop.test' }),
      get('/z', 'narrow', { host: 'www.shop.test' }),
      get('/z', DEFAULT, { host: 'shop.test' }),
      get('/z', DEFAULT, { host: '.shop.test' }),
    ],
  },
  {
    title: 'conditions that fail give way to what is less specific',
    routes: {
      root: { prefix: '/' },
      api: { prefix: '/api' },
      post: { path: '/api/orders', methods: ['POST'] },
      param: { prefix: '/api/:x', headers: { 'X-App': 'ios' } },
    },
    requests: [
      get('/api/orders', 'api'),
      get('/api/orders', 'post', { method: 'POST' }),
      get('/api/orders', 'param', { headers: { 'x-app': 'ios' } }),
      get('/x', 'root', { method: 'POST' }),
    ],
  },
  {
    title: 'a method, then headers and cookies, then query, then the order of the file',
    routes: {
      later: { prefix: '/a' },
      query: { prefix: '/a', query: { q: '1', r: '1' } },
      header: { prefix: '/a', headers: { h: '1' } },
      cookies: { prefix: '/a', headers: { h: '1' }, cookies: { c: '1' } },
      method: { prefix: '/a', methods: ['PUT'] },
      tie: { prefix: '/a', headers: { h: '1' } },
    },
    requests: [
      get('/a', 'later'),
      get('/a?q=1&r=1', 'query'),
      get('/a?q=1', 'later'),
      get('/a?q=1&r=1', 'header', { headers: { h: '1' } }),
      get('/a', 'cookies', { headers: { h: '1', cookie: 'b=2; c=1' } }),
      get('/a', 'method', { method: 'PUT', headers: { h: '1', cookie: 'c=1' } }),
    ],
  },
  {
    title: 'GET takes HEAD along; method names are exact',
    routes: { get: { prefix: '/g', methods: ['GET'] }, post: { prefix: '/p', methods: ['POST'] } },
    requests: [
      get('/g', 'get', { method: 'HEAD' }),
      get('/p', DEFAULT, { method: 'HEAD' }),
      get('/p', DEFAULT, { method: 'post' }),
      get('/g', DEFAULT, { method: 'PROPFIND' }),
    ],
  },
  {
    title: 'every form of a value',
    routes: {
      exact: { prefix: '/e', headers: { h: 'x' } },
      prefix: { prefix: '/p', headers: { h: { prefix: 'x-' } } },
      regex: { prefix: '/r', headers: { h: { regex: '^(a|b)$' } } },
      present: { prefix: '/h', headers: { h: { present: true } } },
      unicode: { prefix: '/u', query: { größe: 'groß & klein' }, headers: { h: { regex: 'ü' } } },
    },
    requests: [
      get('/e', 'exact', { headers: { H: 'x' } }),
      get('/e', DEFAULT, { headers: { h: 'X' } }),
      get('/p', 'prefix', { headers: { h: 'x-1' } }),
      get('/p', DEFAULT, { headers: { h: 'x' } }),
      get('/r', 'regex', { headers: { h: 'b' } }),
      get('/r', DEFAULT, { headers: { h: 'ab' } }),
      get('/h', 'present', { headers: { h: '' } }),
      get('/h', DEFAULT),
      get('/u?gr%C3%B6%C3%9Fe=gro%c3%9f+%26%20klein', 'unicode', { headers: { h: '\xc3\xbc' } }),
      get('/u?gr%C3%B6%C3%9Fe=gro%c3%9f+%26%20klein', DEFAULT, { headers: { h: '\xc3\xbb' } }),
    ],
  },
  {
    title: 'a repeated header is one list, a repeated cookie its first value',
    routes: {
      list: { prefix: '/h', headers: { h: 'a, b' } },
      single: { prefix: '/h', headers: { h: 'a' } },
      cookie: { prefix: '/c', cookies: { c: '1' } },
    },
    requests: [
      get('/h', 'list', { headers: { h: ['a', 'b'] } }),
      get('/h', 'single', { headers: { h: 'a' } }),
      get('/h', DEFAULT, { headers: { h: ['a', 'a'] } }),
      get('/c', 'cookie', { headers: { cookie: 'c=1; c=2' } }),
      get('/c', 'cookie', { headers: { cookie: ['a=1', 'c=1'] } }),
      get('/c', DEFAULT, { headers: { cookie: 'c=2; c=1' } }),
      get('/c', DEFAULT, { headers: { cookie: 'C=1' } }),
    ],
  },
  {
    title: 'a repeated query parameter may not pick different routes',
    routes: {
      one: { prefix: '/q', query: { a: '1' } },
      two: { prefix: '/q', query: { a: '2' } },
      either: {
        prefix: '/e',
        any: [
          { prefix: '/e', query: { a: '1' } },
          { prefix: '/e', query: { a: '2' } },
        ],
      },
      pair: { prefix: '/p', query: { a: '1', b: '1' } },
    },
    requests: [
      get('/q?a=1', 'one'),
      get('/q?a=1&a=1', 'one'),
      get('/q?a=1&a=2', 'ambiguous_query'),
      get('/q?a=3&a=1', 'ambiguous_query'),
      get('/q?a=3&a=4', DEFAULT),
      get('/q?b=1&b=2&a=2', 'two'),
      get('/e?a=1&a=2', 'either'),
      get('/e?a=1&a=3', 'ambiguous_query'),
      get('/p?a=1&b=2&b=1', 'ambiguous_query'),
      get('/p?a=2&b=2&b=1', DEFAULT),
      get('/p?a=1&a=2&b=2&b=3', DEFAULT),
    ],
  },
  {
    title: 'a CORS preflight follows the request that it asks about',
    routes: {
      post: { prefix: '/a', methods: ['POST'] },
      header: { prefix: '/h', headers: { 'x-app': 'ios' } },
      cookie: { prefix: '/c', cookies: { beta: '1' } },
      options: { prefix: '/o', methods: ['OPTIONS'] },
    },
    requests: [
      get('/a', 'post', { method: 'OPTIONS', headers: CORS }),
      get('/a', DEFAULT, { method: 'OPTIONS' }),
      get('/a', DEFAULT, { method: 'OPTIONS', headers: { origin: 'x' } }),
      get('/a', DEFAULT, { method: 'OPTIONS', headers: { ...CORS, 'access-control-request-method': 'PUT' } }),
      get('/a', DEFAULT, { method: 'GET', headers: CORS }),
      get('/h', 'header', {
        method: 'OPTIONS',
        headers: { ...CORS, 'access-control-request-headers': 'content-type, X-App' },
      }),
      get('/h', DEFAULT, { method: 'OPTIONS', headers: CORS }),
      get('/c', 'cookie', { method: 'OPTIONS', headers: CORS }),
      get('/o', 'options', { method: 'OPTIONS' }),
      get('/o', DEFAULT, { method: 'OPTIONS', headers: CORS }),
    ],
  },
  {
    title: 'OPTIONS * goes to the default route',
    routes: { all: { prefix: '/' } },
    requests: [get('*', DEFAULT, { method: 'OPTIONS' }), get('/', 'all', { method: 'OPTIONS' })],
  },
  {
    title: 'characters have one spelling',
    routes: { plus: { prefix: '/c++' }, cafe: { prefix: '/café' }, at: { path: '/%40me' } },
    requests: [
      get('/c%2B%2B/x', 'plus'),
      get('/c++', 'plus'),
      get('/caf%c3%a9', 'cafe'),
      get('/caf\xc3\xa9', 'cafe'),
      get('/@me', 'at'),
    ],
  },
  {
    title: 'case folded where the file says so',
    routes: { api: { prefix: '/Api' }, regex: { regex: '^/Old-[a-z]+$' }, param: { path: '/u/:Id' } },
    sketch: { paths: { caseSensitive: false } },
    requests: [
      get('/api/X', 'api'),
      get('/API', 'api'),
      get('/oLD-Shop', 'regex'),
      get('/U/7', 'param'),
      get('/%61pi', 'api'),
    ],
  },
  {
    title: 'many values on one path',
    routes: Object.fromEntries([
      ...Array.from({ length: 40 }, (_, i) => [`t${i}`, { prefix: '/t', headers: { tenant: `${i}` } }]),
      ['broad', { prefix: '/t', headers: { tenant: { prefix: '1' }, debug: 'on' } }],
      ['post', { prefix: '/t', methods: ['POST'] }],
      ['rest', { prefix: '/t' }],
    ]),
    requests: [
      get('/t', 't7', { headers: { tenant: '7' } }),
      get('/t', 't12', { headers: { tenant: '12' } }),
      get('/t', 'broad', { headers: { tenant: '12', debug: 'on' } }),
      get('/t', 'post', { headers: { tenant: '12' }, method: 'POST' }),
      get('/t', 'rest', { headers: { tenant: '40' } }),
      get('/t', 'rest'),
      get('/t', 'post', {
        method: 'OPTIONS',
        headers: { ...CORS, 'access-control-request-headers': 'tenant' },
      }),
      get('/t', 't0', {
        method: 'OPTIONS',
        headers: {
          ...CORS,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'tenant',
        },
      }),
    ],
  },
];
