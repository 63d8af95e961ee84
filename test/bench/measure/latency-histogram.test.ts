import { expect, test } from 'vitest';
import { addedUp, addLatency, latencyAt, newHistogram } from '../../../bench/measure/latency-histogram.ts';

function histogramOf(latencies: readonly number[]) {
  const histogram = newHistogram();
  for (const ms of latencies) addLatency(histogram, ms);
  return histogram;
}

test('quantiles are right to two percent, from microseconds to minutes', () => {
  for (const ms of [0.004, 0.25, 7, 1_234, 60_000]) {
    const read = latencyAt(histogramOf([ms]), 0.5);
    expect(Math.abs(read / ms - 1)).toBeLessThan(0.02);
  }
});

test('half of the requests did not exceed the median, 99 of 100 not the 99th', () => {
  const histogram = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(latencyAt(histogram, 0.5)).toBeCloseTo(50, -1);
  expect(latencyAt(histogram, 0.99) / 99).toBeCloseTo(1, 1);
});

test('what several processes saw is added up', () => {
  const sum = addedUp([histogramOf([1, 1, 1]), histogramOf([100])]);
  expect(latencyAt(sum, 0.75)).toBeCloseTo(1, 1);
  expect(latencyAt(sum, 1) / 100).toBeCloseTo(1, 1);
});

test('no requests, no latency', () => {
  expect(latencyAt(newHistogram(), 0.5)).toBeNaN();
});
