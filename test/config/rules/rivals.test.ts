import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Rivals } from '../../../src/config/rules/rivals.ts';
import { alternativesOf } from '../../../src/config/rules/table-rule.ts';
import { patternOf } from '../../../src/model/path-pattern.ts';
import type { PathMatch, Route } from '../../../src/model/route-table.ts';

const segment = fc.constantFrom('a', 'b', ':x', 'c');
const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
const condition: fc.Arbitrary<PathMatch> = fc.oneof(
  fc.record({ kind: fc.constantFrom('prefix' as const, 'path' as const), value: path }),
  fc.record({
    kind: fc.constant('regex' as const),
    source: fc.constantFrom('x', '^/', '^/a/', '^/a/b', '^/b$'),
  }),
);

function takes(match: PathMatch, request: string): boolean {
  if (match.kind === 'regex') return new RegExp(match.source).test(request);
  const end = match.kind === 'path' ? '$' : match.value === '/' ? '' : '(?:/|$)';
  return new RegExp(`^${match.value.replaceAll(':x', '[^/]+')}${end}`).test(request);
}

function routesOf(matches: readonly PathMatch[]): Route[] {
  return matches.map(
    (match, index) => ({ index, matches: [{ path: match, hosts: [] }] }) as unknown as Route,
  );
}

it('leaves out nobody that could take the same request', () => {
  const request = fc
    .array(fc.constantFrom('a', 'b', 'c', 'x'), { maxLength: 5 })
    .map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 8 }), condition, request, (matches, own, asked) => {
      fc.pre(takes(own, asked));
      const rivals = new Rivals(
        alternativesOf({ routes: routesOf(matches), caseSensitive: true, issues: null as never }),
      );
      const near = [...rivals.near(patternOf(own, { caseSensitive: true }))].map(
        ({ routeIndex }) => routeIndex,
      );
      const taking = matches.flatMap((match, index) => (takes(match, asked) ? [index] : []));
      expect(near).toEqual(expect.arrayContaining(taking));
      expect(new Set(near).size).toBe(near.length);
    }),
    { numRuns: 1_000 },
  );
});
