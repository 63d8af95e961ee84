import { expect, test } from 'vitest';
import { aimResults } from '../../../bench/report/aims.ts';
import { sampleSlot } from '../sample-slot.ts';

const NOTHING = { idle: [], match: null, workers: null };

test('an aim is reached by the median ratio of CPU, and said only of what was measured', () => {
  const slots = [0, 1, 2].flatMap((round) => [
    sampleSlot({ round, cpuMicroseconds: 60 }),
    sampleSlot({ round, peer: 'haproxy', cpuMicroseconds: 40 + round }),
    sampleSlot({ round, peer: 'relay', cpuMicroseconds: 40 }),
  ]);
  const results = aimResults(slots, NOTHING);
  expect(results.map(({ what, measured, reached }) => [what, measured, reached])).toEqual([
    ['CPU, small GET, 64 connections: of HAProxy', '1.46 (1.45–1.48)', true],
    ['CPU, small GET, 64 connections: of the bare relay', '1.50 (1.50–1.50)', false],
  ]);
});

test('memory of idle connections, and the dearest ordinary match', () => {
  const idle = [{ peer: 'banyan', connections: 1_000, before: 0, after: 13 * 1024 * 1_000 }];
  const match = {
    'literal, ns': { '10 routes': 9_000, '50000 routes': 700 },
    'miss, ns': { '10 routes': 200, '50000 routes': 2_900 },
    'two readings (%2F), ns': { '10 routes': 5_000, '50000 routes': 5_000 },
  };
  const results = aimResults([], { ...NOTHING, idle, match });
  expect(results.map(({ measured, reached }) => [measured, reached])).toEqual([
    ['13.0 KiB', false],
    ['2.90 µs', true],
  ]);
});

test('two workers: what they cost beside one process, and who has the connections', () => {
  const spread = (median: number) => ({ median, low: median, high: median, count: 7 });
  const workers = { one: spread(50), two: spread(55), ratio: spread(1.1), throughput: spread(1.8) };
  const reached = (connections: number[]) =>
    aimResults([], { ...NOTHING, workers: { ...workers, connections } }).map((result) => [
      result.measured,
      result.reached,
    ]);
  expect(reached([90, 110])).toEqual([
    ['1.10 (1.10–1.10)', true],
    ['45 %, 55 %', true],
  ]);
  expect(reached([60, 140])[1]).toEqual(['30 %, 70 %', false]);
  expect(reached([])[1]).toEqual(['', false]);
});
