import { expect, test } from 'vitest';
import { Allowance } from '../../../src/front/http2/allowance.ts';

test('gives so many at once, then as many as time brings', () => {
  const allowance = new Allowance({ most: 3, perSecond: 10 }, 1000);
  expect([1, 2, 3, 4].map(() => allowance.spend(1000))).toEqual([true, true, true, false]);
  expect(allowance.spend(1099)).toBe(false);
  expect(allowance.spend(1100)).toBe(true);
  expect(allowance.spend(1100)).toBe(false);
});

test('never saves up more than the most', () => {
  const allowance = new Allowance({ most: 2, perSecond: 1000 }, 0);
  allowance.earn(50);
  expect([1, 2, 3].map(() => allowance.spend(0))).toEqual([true, true, false]);
  expect([1, 2, 3].map(() => allowance.spend(60_000))).toEqual([true, true, false]);
});

test('what is earned is there at once', () => {
  const allowance = new Allowance({ most: 1, perSecond: 0 }, 0);
  expect(allowance.spend(0)).toBe(true);
  expect(allowance.spend(0)).toBe(false);
  allowance.earn(1);
  expect(allowance.spend(0)).toBe(true);
});
