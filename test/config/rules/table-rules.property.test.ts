import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseRoutes } from '../../../src/config/parse-routes.ts';
import { buildMatcher } from '../../../src/match/build-matcher.ts';
import type { Loaded } from '../../../src/model/loaded.ts';
import { isRefused } from '../../../src/model/matched.ts';
import type { RouteTable } from '../../../src/model/route-table.ts';
import { traitsOf } from '../../support/traits.ts';

/** What the rules say of the routes among each other, held against the matcher that serves. */

const path = fc
  .array(fc.constantFrom('a', 'b', ':x'), { maxLength: 2 })
  .map((segments) => `/${segments.join('/')}`);
const pathCondition = fc.oneof(
  { weight: 3, arbitrary: path.map((prefix) => ({ prefix })) },
  { weight: 2, arbitrary: path.map((whole) => ({ path: whole })) },
  { weight: 2, arbitrary: fc.constantFrom('a$', '^/', '^/a', '^/a/', '^/a/b$').map((regex) => ({ regex })) },
);
const test = fc.constantFrom('1', '2', { present: true }, { prefix: '1' });
const conditions = fc
  .tuple(
    pathCondition,
    fc.record(
      {
        hosts: fc.uniqueArray(fc.constantFrom('x.test', 'y.x.test', '*.x.test'), {
          minLength: 1,
          maxLength: 2,
        }),
        methods: fc.uniqueArray(fc.constantFrom('GET', 'HEAD', 'POST'), { minLength: 1, maxLength: 2 }),
        headers: fc.record({ h: test }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([first, rest]) => ({ ...first, ...rest }));
const match = fc.oneof(
  { weight: 4, arbitrary: conditions },
  { weight: 1, arbitrary: fc.array(conditions, { minLength: 1, maxLength: 2 }).map((any) => ({ any })) },
);
/** So few that they come again. */
const repeated = fc.constantFrom(
  { prefix: '/' },
  { prefix: '/a' },
  { regex: '^/a/' },
  { path: '/a', headers: { h: { present: true } } },
);
const request = fc.record({
  target: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
  host: fc.constantFrom('x.test', 'y.x.test', 'z.x.test', 'other.test'),
  headers: fc.constantFrom({}, { h: '1' }, { h: '2' }, { h: '3' }),
});
const requests = fc.array(request, { minLength: 30, maxLength: 60 });

function load(routes: readonly object[]): Loaded {
  const file = { legacy: 'http://l', features: { f: { url: 'http://f', stage: 'live' } }, routes };
  return parseRoutes(stringify(file), { file: 'routes.yaml', env: {}, legacyOnlyFile: null });
}

type Asked = typeof request extends fc.Arbitrary<infer R> ? R : never;

/** Who wins each request: the route's name, null for a refused one. */
function winnersOf(table: RouteTable, asked: readonly Asked[]): (string | null)[] {
  const matcher = buildMatcher(table);
  return asked.map(({ target, ...options }) => {
    const result = matcher.match(traitsOf(target, options));
    return isRefused(result) ? null : result.route.name;
  });
}

describe('what is said of routes among each other', () => {
  it('a route that can never match never wins', () => {
    let deadSeen = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(match, repeated), { minLength: 2, maxLength: 6 }),
        requests,
        (matches, asked) => {
          const { table, issues } = load(matches.map((one) => ({ match: one, to: 'f' })));
          const dead = issues.flatMap(
            ({ message }) => /^route "(.*)" can never match/.exec(message)?.[1] ?? [],
          );
          if (table === null || dead.length === 0) return;
          deadSeen += dead.length;
          for (const winner of winnersOf(table, asked)) expect(dead).not.toContain(winner);
        },
      ),
      { numRuns: 200 },
    );
    expect(deadSeen).toBeGreaterThan(20);
  });

  it('a request that a pinned route matches is never won by a feature', () => {
    let pinsHeld = 0;
    fc.assert(
      fc.property(
        match,
        fc.array(match, { minLength: 1, maxLength: 3 }),
        requests,
        (pinned, others, asked) => {
          const pin = { name: 'pin', match: pinned, to: 'legacy', pin: true };
          const { table } = load([pin, ...others.map((one) => ({ match: one, to: 'f' }))]);
          const alone = load([pin]).table;
          if (table === null || alone === null) return;
          const among = winnersOf(table, asked);
          for (const [i, winner] of winnersOf(alone, asked).entries()) {
            if (winner !== 'pin') continue;
            pinsHeld += 1;
            expect(among[i]).toBe('pin');
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(pinsHeld).toBeGreaterThan(20);
  });
});
