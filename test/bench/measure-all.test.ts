import { expect, test } from 'vitest';
import { turned } from '../../bench/measure-all.ts';

test('another one begins in each round, and nobody is left out', () => {
  const peers = ['a', 'b', 'c'];
  expect([0, 1, 2, 3].map((round) => turned(peers, round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(turned([], 5)).toEqual([]);
});
