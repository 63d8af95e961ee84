import { expect, it } from 'vitest';
import { riseOf } from '../../../bench/memory/measure-churn.ts';

it.each([
  [[], 0],
  [[7], 0],
  [[5, 5, 5, 5], 0],
  [[0, 1, 2, 3], 3],
  [[3, 2, 1, 0], -3],
  [[0, 4, 0, 4, 0], 0],
])('a line through %j rises by %d', (values, rise) => {
  expect(riseOf(values)).toBeCloseTo(rise);
});
