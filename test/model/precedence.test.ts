import { expect, test } from 'vitest';
import { patternOf } from '../../src/model/path-pattern.ts';
import { comparePrecedence, type Ranked } from '../../src/model/precedence.ts';
import { type MatchSketch, matchOf } from '../support/table.ts';

function ranked(sketch: MatchSketch, routeIndex: number): Ranked {
  const match = matchOf(sketch);
  const pattern = patternOf(match.path, { caseSensitive: true });
  return { host: match.hosts[0] ?? '', pattern, match, routeIndex, alternative: 0 };
}

/** Each before the next. */
const ORDER: readonly MatchSketch[] = [
  { hosts: ['shop.test'], prefix: '/' },
  { hosts: ['*.eu.shop.test'], prefix: '/' },
  { hosts: ['*.shop.test'], path: '/a' },
  { path: '/a/b/c' },
  { path: '/a/b/:x' },
  { prefix: '/a/b/:x' },
  { regex: '^/a/b/[0-9]+' },
  { prefix: '/a/b', methods: ['PUT'], headers: { h: '1' } },
  { prefix: '/a/b', methods: ['GET'] },
  { prefix: '/a/b', headers: { h: '1' }, cookies: { c: '1' } },
  { prefix: '/a/b', headers: { h: '1' }, query: { q: '1' } },
  { prefix: '/a/b', cookies: { c: '1' } },
  { prefix: '/a/b', query: { q: '1', r: '1' } },
  { prefix: '/a/b', query: { r: '1' } },
  { prefix: '/a/b' },
  { prefix: '/a/b' },
  { prefix: '/a/:x/c' },
  { path: '/a/:x' },
  { prefix: '/a/:x' },
  { regex: '^/a/x' },
  { prefix: '/a' },
  { path: '/:x/b' },
  { prefix: '/:x' },
  { regex: '^/[a-z]' },
  { prefix: '/' },
  { regex: 'a$' },
];

test('the order of docs/matching.md, each step of it', () => {
  const all = ORDER.map(ranked);
  for (const [i, first] of all.entries()) {
    for (const second of all.slice(i + 1)) {
      expect(comparePrecedence(first, second), `${i} before ${second.routeIndex}`).toBeLessThan(0);
      expect(comparePrecedence(second, first)).toBeGreaterThan(0);
    }
  }
});

test('alternatives of one route in their own order', () => {
  const [first] = [ranked({ prefix: '/a' }, 0)];
  expect(comparePrecedence(first!, { ...first!, alternative: 1 })).toBeLessThan(0);
  expect(comparePrecedence(first!, first!)).toBe(0);
});
