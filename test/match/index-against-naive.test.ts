import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildMatcher } from '../../src/match/build-matcher.ts';
import { isRefused, type MatchResult } from '../../src/model/matched.ts';
import { tableOf } from '../support/table.ts';
import { naiveMatcher } from './naive-matcher.ts';
import { crowdedRoutes, requests, routes } from './random-tables.ts';

/** What counts: which route and alternative, or which failure. */
function answerOf(result: MatchResult): string {
  return isRefused(result) ? result.failure : `${result.route.name}#${result.alternative}`;
}

test.each([
  ['any table', routes],
  ['a table of one crowded path', crowdedRoutes],
])('the index answers as the naive reference does, for %s', (_, tables) => {
  fc.assert(
    fc.property(
      tables,
      fc.array(requests, { minLength: 20, maxLength: 20 }),
      fc.boolean(),
      (sketches, all, fold) => {
        const table = tableOf(sketches, { paths: { caseSensitive: !fold } });
        const index = buildMatcher(table);
        const naive = naiveMatcher(table);
        for (const request of all) {
          const found = answerOf(index.match(request));
          expect(found, JSON.stringify(request)).toBe(answerOf(naive.match(request)));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('the random requests do meet routes, and some are refused for their query', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(routes, requests, (sketches, request) => {
      const result = buildMatcher(tableOf(sketches)).match(request);
      const kind = isRefused(result) ? result.failure : result.route.index === -1 ? 'default' : 'route';
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    { numRuns: 500, seed: 1 },
  );
  expect(seen.get('route')).toBeGreaterThan(200);
  expect(seen.get('default')).toBeGreaterThan(10);
  expect(seen.get('ambiguous_query')).toBeGreaterThan(2);
});
