import { expect, test } from 'vitest';
import { durationText, shareText, timesText } from '../../src/live/number-text.ts';

test('numbers are as exact as they are worth, and never have an exponent', () => {
  expect([0, 0.001, 0.0513, 0.5, 1].map(shareText)).toEqual(['0 %', '0.1 %', '5.1 %', '50 %', '100 %']);
  expect([0.25, 95.4, 812, 1_234, 60_000, 600_000, 86_400_000].map(durationText)).toEqual([
    ...['0.25 ms', '95 ms', '812 ms', '1.2 s', '60 s', '10 min', '24 h'],
  ]);
  expect([1.5, 12].map(timesText)).toEqual(["1.5 times legacy's", "12 times legacy's"]);
});
