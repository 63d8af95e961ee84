import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMatcher } from '../../src/match/build-matcher.ts';
import { isRefused } from '../../src/model/matched.ts';
import { type MatchSketch, tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';
import { requests, routes } from './random-tables.ts';

test('the last one considered is the one that the index finds', () => {
  fc.assert(
    fc.property(routes, requests, (sketches, request) => {
      const table = tableOf(sketches);
      const matcher = buildMatcher(table);
      const found = matcher.match(request);
      fc.pre(!isRefused(found));
      if (isRefused(found)) return;
      const winner = matcher.consider(request).considered.find(({ failed }) => failed === null);
      expect(winner?.route ?? table.defaultRoute).toBe(found.route);
      expect(winner?.alternative ?? 0).toBe(found.alternative);
    }),
    { numRuns: 1_000 },
  );
});

/** Why one route does not take a request. */
function failedBy(
  match: MatchSketch,
  target: string,
  more: Parameters<typeof traitsOf>[1] = {},
): string | null {
  const matcher = buildMatcher(tableOf([{ ...match, to: 'f' }]));
  return matcher.consider(traitsOf(target, more)).considered[0]?.failed ?? null;
}

test.each<[string, MatchSketch, string, Parameters<typeof traitsOf>[1]]>([
  ['host: wanted a.test or *.b.test, got shop.test', { hosts: ['a.test', '*.b.test'] }, '/', {}],
  ['host: wanted a.test, got none', { hosts: ['a.test'] }, '/', { host: '' }],
  ['path: prefix /api/cart', { prefix: '/api/cart' }, '/api/carts', {}],
  ['path: /users/:id', { path: '/users/:id' }, '/users/7/x', {}],
  ['path: regex ^/a(b|c)', { regex: '^/a(b|c)' }, '/ad', {}],
  ['method: wanted GET or HEAD, got POST', { methods: ['GET'] }, '/', { method: 'POST' }],
  [
    'method: wanted PUT, got a preflight for POST',
    { methods: ['PUT'] },
    '/',
    { method: 'OPTIONS', headers: { origin: 'x', 'access-control-request-method': 'POST' } },
  ],
  ['header x-app: wanted "ios", got none', { headers: { 'X-App': 'ios' } }, '/', {}],
  ['header x-app: wanted "ios", got ""', { headers: { 'X-App': 'ios' } }, '/', { headers: { 'x-app': '' } }],
  [
    'header a: wanted "x" and more, got "y"',
    { headers: { a: { prefix: 'x' } } },
    '/',
    { headers: { a: 'y' } },
  ],
  [
    'header a: wanted a match of ^x$, got "xx"',
    { headers: { a: { regex: '^x$' } } },
    '/',
    { headers: { a: 'xx' } },
  ],
  ['cookie beta: wanted any value, got none', { cookies: { beta: { present: true } } }, '/', {}],
  ['query größe: wanted "1", got "ü"', { query: { größe: '1' } }, '/?gr%C3%B6%C3%9Fe=%c3%bc', {}],
])('%s', (expected, match, target, more) => {
  expect(failedBy(match, target, more)).toBe(expected);
});

test('in precedence order, up to the winner; an alternative with several hosts once', () => {
  const table = tableOf([
    { name: 'root', prefix: '/', to: 'f' },
    { name: 'hosts', prefix: '/a', hosts: ['x.test', '*.test', 'shop.test'], headers: { h: '1' }, to: 'f' },
    { name: 'any', to: 'f', any: [{ prefix: '/a/b' }, { prefix: '/a', methods: ['PUT'] }] },
    { name: 'a', prefix: '/a', to: 'f' },
  ]);
  const { considered } = buildMatcher(table).consider(traitsOf('/a'));
  expect(
    considered.map(({ route, alternative, failed }) => `${route.name} ${alternative}: ${failed}`),
  ).toEqual([
    'hosts 0: header h: wanted "1", got none',
    'any 0: path: prefix /a/b',
    'any 1: method: wanted PUT, got GET',
    'a 0: null',
  ]);
});

test('of a large table only what has the host and the path is listed', () => {
  const table = tableOf([
    ...Array.from({ length: 1_200 }, (_, i) => ({ name: `r${i}`, prefix: `/p${i}`, to: 'f' })),
    { name: 'put', prefix: '/p7', methods: ['PUT'], to: 'f' },
  ]);
  const { considered, leftOut } = buildMatcher(table).consider(traitsOf('/p7'));
  expect(considered.map(({ route }) => route.name)).toEqual(['put', 'r7']);
  expect(leftOut).toBe(1_199);
});

test('OPTIONS * asks nobody', () => {
  const table = tableOf([{ prefix: '/', to: 'f' }]);
  expect(buildMatcher(table).consider(traitsOf('*', { method: 'OPTIONS' }))).toEqual({
    considered: [],
    leftOut: 0,
  });
});
