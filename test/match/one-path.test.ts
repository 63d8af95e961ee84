import { describe, expect, test } from 'vitest';
import { buildMatcher } from '../../src/match/build-matcher.ts';
import { isRefused } from '../../src/model/matched.ts';
import { type TableSketch, tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';

const ROUTES = [
  { name: 'feature', prefix: '/feature', to: 'feature' },
  { name: 'search', path: '/search', to: 'search' },
  { name: 'package', path: '/npm/:name', to: 'npm' },
  { name: 'moved', prefix: '/moved', redirect: { to: '/x/{path}' } },
  { name: 'action', prefix: '/old', query: { action: 'orders' }, to: 'feature' },
];

/** `route, as it came`, `route, sent PATH`, or the failure. */
function outcomeOf(path: string, sketch: TableSketch = {}): string {
  const result = buildMatcher(tableOf(ROUTES, sketch)).match(traitsOf(path));
  if (isRefused(result)) return result.failure;
  return result.path === path
    ? `${result.route.name}, as it came`
    : `${result.route.name}, sent ${result.path}`;
}

const AMBIGUOUS = 'ambiguous_path';
const MALFORMED = 'malformed_request';
const LEGACY = '(default), as it came';

// The table of docs/matching.md.
describe.each<[string, [path: string, outcome: string][]]>([
  [
    'N picks the route, and is sent where the bytes that came would not pick it everywhere',
    [
      ['/feature', 'feature, as it came'],
      ['/feature/%61', 'feature, as it came'],
      ['/x/../feature', 'feature, sent /feature'],
      ['/x/%2e%2e/feature', 'feature, sent /feature'],
      ['/./feature', 'feature, sent /feature'],
      ['//feature', 'feature, sent /feature'],
      ['/%66eature/y', 'feature, sent /feature/y'],
      ['/feature/../x', '(default), sent /x'],
      ['/%66eature/../x', '(default), sent /x'],
      ['/a//../feature', '(default), sent /a/feature'],
      ['/feature/a//b', 'feature, as it came'],
      ['/feature/a/../b', 'feature, as it came'],
    ],
  ],
  [
    'odd paths that no reading routes elsewhere pass as they came',
    [
      ['//cdn//x', LEGACY],
      ['/@scope%2fname', LEGACY],
      ['/npm/@scope%2Fname', AMBIGUOUS],
      ['/search;jsessionid=1', 'search, as it came'],
      ['/feature/;jsessionid=1', 'feature, as it came'],
      ['/caf%C3%A9', LEGACY],
      ['/caf%E9', LEGACY],
      ['/caf\xe9', LEGACY],
      ['/voil\xc3\xa0', LEGACY],
      ['/feature/voil\xc3\xa0', 'feature, as it came'],
      ['/feature\xa0x', LEGACY],
      ['/a%20b/c%0Ad', LEGACY],
      ['/|{}^"<>', LEGACY],
      ['/100%25', LEGACY],
      ['/.well-known/acme', LEGACY],
      ['/files/..hidden', LEGACY],
      ['/x/.../y', LEGACY],
      ['/a\\b', LEGACY],
      ['/FEATURE', LEGACY],
      ['/feature/v1.', 'feature, as it came'],
      ['/npm/a%3Fb', 'package, as it came'],
      ['/old%3faction=other', LEGACY],
    ],
  ],
  [
    'another reading picks another route',
    [
      ['/x/..%2ffeature', AMBIGUOUS],
      ['/%2ffeature', AMBIGUOUS],
      ['/%2Ffeature%2Fy', AMBIGUOUS],
      ['/feature%2f..%2fx', AMBIGUOUS],
      ['/x\\..\\feature', AMBIGUOUS],
      ['/%5cfeature', AMBIGUOUS],
      ['/x/..%5cfeature', AMBIGUOUS],
      ['/%2566eature', AMBIGUOUS],
      ['/x/%252e%252e%252ffeature', AMBIGUOUS],
      ['/%25u0066eature', AMBIGUOUS],
      ['/feature%2500', AMBIGUOUS],
      ['/x/%c0%ae%c0%ae/feature', AMBIGUOUS],
      ['/%c0%affeature', AMBIGUOUS],
      ['/\xc0\xaffeature', AMBIGUOUS],
      ['/x/..;/feature', AMBIGUOUS],
      ['/..;a=b/feature', AMBIGUOUS],
      ['/;x/feature', AMBIGUOUS],
      ['/feature/..;/x', AMBIGUOUS],
      ['/x/..%3b/feature', AMBIGUOUS],
      ['/fea%0Ature', AMBIGUOUS],
      ['/.%09./x/..%0d/feature', AMBIGUOUS],
      ['/feature.', AMBIGUOUS],
      ['/feature%20/y', AMBIGUOUS],
      ['/feature...%20', AMBIGUOUS],
      ['/x/..%20/feature', AMBIGUOUS],
      ['/feature%3fy', AMBIGUOUS],
      ['/feature\xa0', AMBIGUOUS],
      ['/search\x85\xa0', AMBIGUOUS],
      ['/x/%2e%2e/feature%20\xa0', AMBIGUOUS],
      ['/old%3faction=orders', AMBIGUOUS],
      ['/old%253Fx&%61ction%3Dorders', AMBIGUOUS],
      ['/moved%2fy', AMBIGUOUS],
    ],
  ],
  [
    'refused outright',
    [
      ['/feature%00', MALFORMED],
      ['/feature\0', MALFORMED],
      ['/feat ure', MALFORMED],
      ['/feature\t', MALFORMED],
      ['/feature#x', MALFORMED],
      ['/%u0066eature', MALFORMED],
      ['/feature%', MALFORMED],
      ['/feature%2', MALFORMED],
      ['*x', MALFORMED],
      ['', MALFORMED],
    ],
  ],
])('%s', (_, cases) => {
  test.each(cases)('%j: %s', (path, outcome) => {
    expect(outcomeOf(path)).toBe(outcome);
  });
});

test('a raw control character, space or # in the query is refused', () => {
  for (const query of ['a b', 'a#b', 'a\0']) expect(outcomeOf(`/feature?${query}`)).toBe(MALFORMED);
  expect(outcomeOf('/feature?a=%zz%00|')).toContain('feature');
});

test('case folded where the file says so: the bytes that came are sent', () => {
  const sketch = { paths: { caseSensitive: false } };
  expect(outcomeOf('/FEATURE/X', sketch)).toBe('feature, as it came');
  expect(outcomeOf('/%46eature', sketch)).toBe('feature, sent /Feature');
});

test('with slashes left unmerged, the merged reading must agree', () => {
  const sketch = { paths: { mergeSlashes: false } };
  expect(outcomeOf('//feature', sketch)).toBe(AMBIGUOUS);
  expect(outcomeOf('/feature//x', sketch)).toBe('feature, as it came');
  expect(outcomeOf('/cdn//x', sketch)).toBe(LEGACY);
});

test('ambiguous: forward sends N', () => {
  const sketch = { paths: { ambiguous: 'forward' } } as const;
  expect(outcomeOf('/x/..%2ffeature', sketch)).toBe('(default), as it came');
  expect(outcomeOf('/y/../x/..%2ffeature', sketch)).toBe('(default), sent /x/..%2ffeature');
});

test('a refusal says which reading picks which route', () => {
  const result = buildMatcher(tableOf(ROUTES)).match(traitsOf('/x%2f..%5c..%2ffeature'));
  expect(result).toMatchObject({
    failure: 'ambiguous_path',
    detail:
      '%2F as a separator, %5C as a separator: picks "feature", where the path in normal form picks "(default)"',
  });
});

test('other conditions of the request count in every reading', () => {
  const matcher = buildMatcher(
    tableOf([
      { name: 'ios', prefix: '/feature', headers: { 'x-app': 'ios' }, to: 'f' },
      { name: 'post', prefix: '/feature', methods: ['POST'], to: 'f' },
      { name: 'host', prefix: '/feature', hosts: ['m.test'], to: 'f' },
      { name: 'query', prefix: '/feature', query: { a: '1' }, to: 'f' },
    ]),
  );
  const failureOf = (target: string, more: Parameters<typeof traitsOf>[1]) => {
    const result = matcher.match(traitsOf(target, more));
    return isRefused(result) ? result.failure : result.route.name;
  };
  const path = '/x/..%2ffeature';
  expect(failureOf(path, {})).toBe('(default)');
  expect(failureOf(path, { headers: { 'X-App': 'ios' } })).toBe(AMBIGUOUS);
  expect(failureOf(path, { method: 'POST' })).toBe(AMBIGUOUS);
  expect(failureOf(path, { host: 'm.test' })).toBe(AMBIGUOUS);
  expect(failureOf(`${path}?a=1`, {})).toBe(AMBIGUOUS);
  // With one of its values another reading picks another route: that is enough.
  expect(failureOf(`${path}?a=2&a=1`, {})).toBe(AMBIGUOUS);
});

test('a path of 16 KiB costs little, whatever it is made of', () => {
  const matcher = buildMatcher(tableOf(ROUTES));
  const seeds = [
    '/',
    '/.',
    '/..',
    '//..',
    '/..;',
    ';',
    'a;',
    '\\',
    '%2f',
    '..%2f',
    '%5c',
    '%3b',
    '%3f',
    '%0a',
    '.',
    '%20',
  ];
  const mixed = [
    '%2566;.',
    '%c0%af',
    '%25c0%25af',
    '%252e%c0%ae;\\%5c%2f%0a%3b%20.',
    '\xc0',
    '%e0%80%ae',
    '%61',
    '|',
  ];
  for (const seed of [...seeds, ...mixed]) {
    const path = `/${seed.repeat(Math.floor(16_383 / seed.length))}`;
    const started = performance.now();
    matcher.match(traitsOf(path));
    // Quadratic work on this length takes seconds; linear work a few milliseconds.
    expect(performance.now() - started, seed).toBeLessThan(250);
  }
});
