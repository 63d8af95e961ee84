import { expect, test } from 'vitest';
import { isExact, patternOf } from '../../src/model/path-pattern.ts';
import type { PathMatch } from '../../src/model/route-table.ts';

const SENSITIVE = { caseSensitive: true };

test.each<[PathMatch, (string | null)[], number]>([
  [{ kind: 'prefix', value: '/' }, [], 0],
  [{ kind: 'prefix', value: '/api/orders' }, ['api', 'orders'], 11],
  [{ kind: 'prefix', value: '/api/orders/' }, ['api', 'orders'], 11],
  [{ kind: 'prefix', value: '/u/:id/x' }, ['u', null, 'x'], 5],
  [{ kind: 'path', value: '/' }, [''], 1],
  [{ kind: 'path', value: '/a/' }, ['a', ''], 3],
  [{ kind: 'path', value: '/:' }, [':'], 2],
  [{ kind: 'regex', source: '^/api/orders/[0-9]+$' }, ['api', 'orders'], 12],
  [{ kind: 'regex', source: '^/api/ord' }, ['api'], 8],
  [{ kind: 'regex', source: '^/api/orders$' }, ['api', 'orders'], 11],
  [{ kind: 'regex', source: '\\.php$' }, [], 0],
  [{ kind: 'regex', source: '^/$' }, [], 1],
])('%j', (path, segments, characters) => {
  expect(patternOf(path, SENSITIVE)).toMatchObject({ kind: path.kind, segments, characters });
});

test('literals are folded where case is, heads too', () => {
  expect(patternOf({ kind: 'prefix', value: '/API/:Id' }, { caseSensitive: false }).segments).toEqual([
    'api',
    null,
  ]);
  expect(patternOf({ kind: 'regex', source: '^/API/' }, { caseSensitive: false }).head).toBe('/api/');
});

test('only a path without parameters is exact', () => {
  const exact = (path: PathMatch) => isExact(patternOf(path, SENSITIVE));
  expect(exact({ kind: 'path', value: '/a/b' })).toBe(true);
  expect(exact({ kind: 'path', value: '/a/:b' })).toBe(false);
  expect(exact({ kind: 'prefix', value: '/a/b' })).toBe(false);
  expect(exact({ kind: 'regex', source: '^/a$' })).toBe(false);
});
