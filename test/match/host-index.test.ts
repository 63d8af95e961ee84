import { expect, test } from 'vitest';
import { buildMatcher } from '../../src/match/build-matcher.ts';
import { tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';

test('a host of thousands of labels costs no more look-ups than the longest wildcard has labels', () => {
  const matcher = buildMatcher(tableOf([{ name: 'w', hosts: ['*.shop.test'], prefix: '/', to: 'f' }]));
  const host = `${'a.'.repeat(8_000)}shop.test`;
  expect(matcher.match(traitsOf('/', { host }))).toMatchObject({ route: { name: 'w' } });
  const started = performance.now();
  for (let i = 0; i < 1_000; i += 1)
    matcher.match(traitsOf('/', { host: `${'a.'.repeat(8_000)}other.test` }));
  // A look-up for each label would hash 64 MB of suffixes for each request.
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('longer wildcards first, each falling back to the next', () => {
  const matcher = buildMatcher(
    tableOf([
      { name: 'one', hosts: ['*.test'], prefix: '/', to: 'f' },
      { name: 'three', hosts: ['*.b.c.test'], prefix: '/x', to: 'f' },
      { name: 'two', hosts: ['*.c.test'], prefix: '/y', to: 'f' },
    ]),
  );
  const nameOf = (path: string) => matcher.match(traitsOf(path, { host: 'a.b.c.test' }));
  expect(nameOf('/x')).toMatchObject({ route: { name: 'three' } });
  expect(nameOf('/y')).toMatchObject({ route: { name: 'two' } });
  expect(nameOf('/z')).toMatchObject({ route: { name: 'one' } });
});
