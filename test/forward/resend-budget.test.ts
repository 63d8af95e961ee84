import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ResendBudget } from '../../src/forward/resend-budget.ts';

function spendable(budget: ResendBudget): number {
  let spent = 0;
  while (budget.spend()) spent += 1;
  return spent;
}

it('is a few at the start, a fifth of requests, and never more than a hundred', () => {
  const budget = new ResendBudget();
  expect(spendable(budget)).toBe(10);
  for (let i = 0; i < 51; i++) budget.earn();
  expect(spendable(budget)).toBe(10);
  for (let i = 0; i < 10_000; i++) budget.earn();
  expect(spendable(budget)).toBe(100);
});

it('of several workers is no more in all than that of one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), (workers) => {
      const all = Array.from({ length: workers }, () => new ResendBudget(1 / workers));
      expect(all.reduce((sum, budget) => sum + spendable(budget), 0)).toBeLessThanOrEqual(10);
      for (let i = 0; i < 10_000; i++) for (const budget of all) budget.earn();
      expect(all.reduce((sum, budget) => sum + spendable(budget), 0)).toBeLessThanOrEqual(100);
    }),
  );
});

it('lets each of very many workers save up one', () => {
  const budget = new ResendBudget(1 / 512);
  expect(spendable(budget)).toBe(1);
  for (let i = 0; i < 6; i++) budget.earn();
  expect(spendable(budget)).toBe(1);
});
