import { expect, test } from 'vitest';
import { ratioText, shortNumber, spreadText } from '../../../bench/report/number-text.ts';

test('three digits that count, thousands apart', () => {
  expect([0.4123, 41.23, 412.3, 4123, 1234567].map(shortNumber)).toEqual([
    '0.41',
    '41.2',
    '412',
    '4\u202f123',
    '1\u202f234\u202f567',
  ]);
});

test('what was not measured is a dash', () => {
  const none = { median: Number.NaN, low: Number.NaN, high: Number.NaN, count: 0 };
  expect([shortNumber(Number.NaN), ratioText(none), spreadText(none)]).toEqual(['–', '–', '–']);
});

test('a ratio with its quartiles, a figure with half of their distance', () => {
  const spread = { median: 41.2, low: 40, high: 43, count: 7 };
  expect(ratioText(spread)).toBe('41.20 (40.00–43.00)');
  expect(spreadText(spread)).toBe('41.2 ± 1.50');
});
