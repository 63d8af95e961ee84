import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LogCounts } from '../../src/compare/log-counts.ts';

it('finds quantiles at most a bucket too high', () => {
  const values = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95), (list, part) => {
      const counts = new LogCounts();
      for (const value of list) counts.add(value);
      const exact = list.toSorted((a, b) => a - b)[Math.ceil(list.length * part) - 1] as number;
      const found = counts.quantile(part) as number;
      expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
      expect(found).toBeLessThanOrEqual(exact * 2 ** (1 / 8) * (1 + 1e-9));
    }),
  );
});

it('adds up', () => {
  const [one, other, both] = [new LogCounts(), new LogCounts(), new LogCounts()];
  for (const value of [1, 5, 5, 700]) {
    one.add(value);
    both.add(value);
  }
  other.add(3, 2);
  both.add(3, 2);
  one.addPairs(other.pairs());
  expect(one.pairs()).toEqual(both.pairs());
});

it('knows nothing at first, and takes what is out of its bounds', () => {
  const counts = new LogCounts();
  expect(counts.quantile(0.5)).toBeNull();
  for (const value of [0, -1, 1e300, Number.MIN_VALUE]) counts.add(value);
  expect(counts.pairs()).toHaveLength(4);
});
