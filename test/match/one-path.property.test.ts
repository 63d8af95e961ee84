import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildMatcher } from '../../src/match/build-matcher.ts';
import { isRefused } from '../../src/model/matched.ts';
import type { RouteTable } from '../../src/model/route-table.ts';
import { tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';
import { BACKENDS } from './backend-readings.ts';

/**
 * The rule itself: for every request that is not refused, the route that answers is the route of the path that the
 * backend reads from the bytes it is sent. Nothing slips past a route into the other side's old code.
 */

const ROUTES = [
  { name: 'a', prefix: '/a', to: 'f' },
  { name: 'hole', prefix: '/a/b', to: 'legacy' },
  { name: 'user', path: '/u/:id', to: 'g' },
  { name: 'me', path: '/u/b', to: 'h' },
  { name: 'regex', regex: '^/r/(a|b)$', to: 'f' },
  { name: 'case', prefix: '/A/x.y', to: 'g' },
];

/** Pieces that make trouble with each other. */
const piece = fc.constantFrom(
  ...[
    '/',
    '/',
    '/',
    'a',
    'b',
    'u',
    'r',
    'x',
    'A',
    '.',
    '..',
    '/.',
    '/..',
    '../',
    '//',
    ';',
    ';j=1',
    '..;',
    '\\',
  ],
  ...[
    '%61',
    '%2e',
    '%2E',
    '%2f',
    '%2F',
    '%5c',
    '%5C',
    '%3b',
    '%20',
    '%25',
    '%252e',
    '%252f',
    '%2561',
    '%0a',
    '%09',
  ],
  ...[
    '%c0%af',
    '%c0%ae',
    '%25c0%25af',
    '%25u0061',
    '%3f',
    '%41',
    '@',
    '%40',
    '\xe9',
    '\xa0',
    '\x85',
    '%C3%A9',
    '|',
  ],
);
const odd = fc.array(piece, { maxLength: 9 }).map((pieces) => `/${pieces.join('')}`);

/**
 * The route of a path as a backend has it, decoded: its characters stand for themselves, but for the semicolon, which
 * begins parameters for the matcher, whoever else may not know them (docs/matching.md).
 */
function routeOfDecoded(table: RouteTable, decoded: string): string {
  const spelled = decoded.replace(
    /[^A-Za-z0-9\-._~!$&'()*+,=:@/;]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return naiveRoute(table, spelled.replace(/;[^/]*/g, ''));
}

function naiveRoute(table: RouteTable, path: string): string {
  const segments = path.slice(1).split('/');
  const takes = (prefix: readonly string[]) => prefix.every((segment, i) => segments[i] === segment);
  if (path === '/u/b') return 'me';
  if (takes(['a', 'b'])) return 'hole';
  if (takes(['A', 'x.y'])) return 'case';
  if (takes(['a'])) return 'a';
  if (segments.length === 2 && segments[0] === 'u' && segments[1] !== '') return 'user';
  if (path === '/r/a' || path === '/r/b') return 'regex';
  return table.defaultRoute.name;
}

describe.each([true, false])('one path, slashes merged: %s', (mergeSlashes) => {
  const table = tableOf(ROUTES, { paths: { mergeSlashes } });
  const matcher = buildMatcher(table);

  test.each(Object.keys(BACKENDS))(
    '%s reads the route that answers, or the request is refused',
    (backend) => {
      const reads = BACKENDS[backend] as (path: string) => string | null;
      let passed = 0;
      fc.assert(
        fc.property(odd, (path) => {
          const result = matcher.match(traitsOf(path));
          if (isRefused(result)) return;
          passed += 1;
          const read = reads(result.path);
          if (read === null) return;
          const route = backend === 'Express' ? routeOfRaw(table, read) : routeOfDecoded(table, read);
          expect(route, `${path} sent as ${result.path}, read as ${read}`).toBe(result.route.name);
        }),
        { numRuns: 4_000 },
      );
      expect(passed).toBeGreaterThan(600);
    },
  );

  test('what is sent is the bytes that came, or the normal form', () => {
    fc.assert(
      fc.property(odd, (path) => {
        const result = matcher.match(traitsOf(path));
        if (!isRefused(result)) expect([path, result.normalPath]).toContain(result.path);
      }),
    );
  });

  test('the normal form of a normal form is itself', () => {
    fc.assert(
      fc.property(odd, (path) => {
        const result = matcher.match(traitsOf(path));
        if (isRefused(result)) return;
        const again = matcher.match(traitsOf(result.normalPath));
        expect(again).toEqual({ ...result, path: result.normalPath });
      }),
    );
  });
});

/** Express compares the bytes with its routes, so a triplet is not the character that it stands for. */
function routeOfRaw(table: RouteTable, path: string): string {
  return naiveRoute(table, path.replace(/;[^/]*/g, ''));
}

test('ambiguous: forward sends the normal form where refuse refuses, and changes nothing else', () => {
  const refusing = buildMatcher(tableOf(ROUTES));
  const forwarding = buildMatcher(tableOf(ROUTES, { paths: { ambiguous: 'forward' } }));
  let forwarded = 0;
  fc.assert(
    fc.property(odd, (path) => {
      const refused = refusing.match(traitsOf(path));
      const result = forwarding.match(traitsOf(path));
      if (isRefused(refused) && refused.failure === 'ambiguous_path') {
        forwarded += 1;
        if (isRefused(result)) throw new Error('refused after all');
        expect(result.path).toBe(result.normalPath);
      } else if (isRefused(refused) || isRefused(result)) expect(result).toEqual(refused);
      else expect(result.path).toBe(refused.path);
    }),
  );
  expect(forwarded).toBeGreaterThan(0);
});
