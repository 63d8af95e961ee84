import fc from 'fast-check';
import type { RequestTraits } from '../../src/model/request.ts';
import type { MatchSketch, RouteSketch, ValueSketch } from '../support/table.ts';

/**
 * Random routes and requests from alphabets so small that they collide: nearly every request meets several routes
 * that differ in one respect.
 */

const segment = fc.constantFrom('a', 'b', 'c');
const literalOrParameter = fc.constantFrom('a', 'b', 'c', ':x', ':y');

const prefix = fc
  .array(literalOrParameter, { maxLength: 3 })
  .map((segments): MatchSketch => ({ prefix: `/${segments.join('/')}` }));

const path = fc.tuple(fc.array(literalOrParameter, { maxLength: 3 }), fc.boolean()).map(
  ([segments, slash]): MatchSketch => ({
    path: segments.length === 0 ? '/' : `/${segments.join('/')}${slash ? '/' : ''}`,
  }),
);

const regex = fc
  .constantFrom(
    '^/a',
    '^/a/',
    '^/a/(b|c)',
    '^/a/b$',
    '^/a/b/.*',
    '^/(a|b)/',
    '/c$',
    '^/a/b?',
    '^/[ab]/b',
    '^/',
  )
  .map((source): MatchSketch => ({ regex: source }));

const value: fc.Arbitrary<ValueSketch> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('1', '2') },
  fc.constant({ present: true } as const),
  fc.constant({ prefix: '1' }),
  fc.constant({ regex: '^(1|3)$' }),
);

const values = fc.dictionary(fc.constantFrom('p', 'q'), value, { maxKeys: 2, noNullPrototype: true });

const hosts = fc.uniqueArray(fc.constantFrom('a.test', 'b.a.test', '*.test', '*.a.test', '*.b.a.test'), {
  maxLength: 2,
});

const methods = fc.uniqueArray(fc.constantFrom('GET', 'POST', 'OPTIONS'), { maxLength: 2 });

/** Mostly few conditions, so that many routes hold at once. */
const conditions: fc.Arbitrary<MatchSketch> = fc
  .record({
    hosts: sometimes(hosts),
    methods: sometimes(methods),
    headers: sometimes(values),
    query: sometimes(values),
    cookies: sometimes(values),
  })
  .map((given) =>
    Object.fromEntries(Object.entries(given).filter(([, condition]) => condition !== undefined)),
  );

function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

const match: fc.Arbitrary<MatchSketch> = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: prefix }, { weight: 2, arbitrary: path }, regex), conditions)
  .map(([where, conditions]) => ({ ...where, ...conditions }));

/** Some tables are long lists on few paths, so that lists are split by values. */
export const routes: fc.Arbitrary<RouteSketch[]> = fc
  .array(fc.array(match, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 40 })
  .map((all) => all.map((any, index) => ({ name: `r${index}`, to: 'f', any })));

/** All on one path, so that the list of its alternatives is long and is split by values. */
export const crowdedRoutes: fc.Arbitrary<RouteSketch[]> = fc
  .array(fc.tuple(conditions, values, fc.constantFrom('headers', 'query', 'cookies')), {
    minLength: 12,
    maxLength: 60,
  })
  .map((all) =>
    all.map(([given, more, key], index) => ({
      name: `r${index}`,
      to: 'f',
      any: [{ prefix: '/a', ...given, hosts: [], [key]: more }],
    })),
  );

const requestPath = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom('', '/'), fc.constantFrom(false, false, true))
  .map(([segments, slash, odd]) => {
    const joined = `/${segments.join('/')}${segments.length > 0 ? slash : ''}`;
    // Spellings that have a normal form and no other reading.
    return odd ? joined.replaceAll('a', '%61').replace('b/', './b//') : joined;
  });

const query = fc
  .array(fc.tuple(fc.constantFrom('p', 'q', 'z'), fc.constantFrom('1', '2', '3')), { maxLength: 4 })
  .map((pairs) => (pairs.length === 0 ? null : pairs.map(([name, value]) => `${name}=${value}`).join('&')));

const headers = fc
  .array(
    fc.constantFrom(
      ['P', '1'],
      ['p', '2'],
      ['q', '1'],
      ['Q', '3'],
      ['Cookie', 'p=1; q=2'],
      ['cookie', 'q=1'],
      ['cookie', 'p=2;p=1'],
      ['Origin', 'https://a.test'],
      ['Access-Control-Request-Method', 'POST'],
      ['Access-Control-Request-Headers', 'p, z'],
    ),
    { maxLength: 5 },
  )
  .map((fields) => fields.flat());

export const requests: fc.Arbitrary<RequestTraits> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PURGE'),
  host: fc.constantFrom('a.test', 'b.a.test', 'c.b.a.test', 'test', 'x.test', ''),
  path: requestPath,
  query,
  headers,
});
