import { expect, test } from 'vitest';
import { buildMatcher, buildMatcherInSlices } from '../../src/match/build-matcher.ts';
import { isRefused } from '../../src/model/matched.ts';
import { tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';

test('a matcher built in slices is the matcher, and the event loop turns in between', async () => {
  const table = tableOf(
    Array.from({ length: 500 }, (_, i) => ({ name: `r${i}`, prefix: `/p${i}`, to: 'f' })),
  );
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const matcher = await buildMatcherInSlices(table, { sliceMs: 0, pause });
  expect(pauses).toBeGreaterThan(500);
  for (const path of ['/p0', '/p499/x', '/p500', '/']) {
    expect(matcher.match(traitsOf(path))).toEqual(buildMatcher(table).match(traitsOf(path)));
  }
});

test('what no route takes is the default route', () => {
  const table = tableOf([{ prefix: '/a', to: 'f' }]);
  const result = buildMatcher(table).match(traitsOf('/b'));
  expect(!isRefused(result) && result.route).toBe(table.defaultRoute);
});
