import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantile, ratiosByRound, spreadOf } from '../../../bench/measure/statistics.ts';

test('the median of an odd and of an even number of rounds', () => {
  expect(spreadOf([9, 1, 5])).toEqual({ median: 5, low: 3, high: 7, count: 3 });
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25, count: 4 });
});

test('one round is its own median; none is no number', () => {
  expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7, count: 1 });
  expect(spreadOf([]).median).toBeNaN();
  expect(spreadOf([]).count).toBe(0);
});

test('a round in which nothing was answered does not count', () => {
  expect(spreadOf([Number.NaN, 2, Number.POSITIVE_INFINITY])).toEqual({
    median: 2,
    low: 2,
    high: 2,
    count: 1,
  });
});

test('quantiles lie within the numbers, and grow', () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (list, part) => {
      const at = quantile(list, part);
      expect(at).toBeGreaterThanOrEqual(Math.min(...list));
      expect(at).toBeLessThanOrEqual(Math.max(...list));
      expect(quantile(list, Math.min(1, part + 0.1))).toBeGreaterThanOrEqual(at);
    }),
  );
});

test('numbers are sorted as numbers, and the list stays as it is', () => {
  const list = [10, 9, 100];
  expect(quantile(list, 0.5)).toBe(10);
  expect(list).toEqual([10, 9, 100]);
});

test('a ratio is taken within its round: a busy minute is in both numbers', () => {
  const slow = new Map([
    [0, 30],
    [1, 300],
    [2, 33],
  ]);
  const fast = new Map([
    [0, 10],
    [1, 100],
    [3, 1],
  ]);
  expect(ratiosByRound(slow, fast)).toEqual([3, 3]);
});
