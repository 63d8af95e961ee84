import { expect, test } from 'vitest';
import { addLatency, newHistogram } from '../../../bench/measure/latency-histogram.ts';
import { slotOf } from '../../../bench/measure/slot.ts';

const used = (seconds: number) => new Map([['1', seconds]]);

const BEFORE = {
  atMs: 0,
  proxy: used(1),
  backend: used(2),
  load: [used(3), used(3)],
  machine: { busy: 100, stolen: 5 },
  own: 1,
};
const AFTER = {
  atMs: 500,
  proxy: used(1.4),
  backend: used(2.1),
  load: [used(3.2), used(3.05)],
  machine: { busy: 101.26, stolen: 5.05 },
  own: 1.01,
};

test('CPU per answer, shares of a core, and what else the machine did', () => {
  const latencies = newHistogram();
  addLatency(latencies, 2);
  const result = { answered: 10_000, failed: 1, reasons: ['x'], tookMs: 500, latencies };
  const slot = slotOf({ workload: 'w', peer: 'p', round: 3 }, { before: BEFORE, after: AFTER, result });
  expect(slot.cpuMicroseconds).toBeCloseTo(40);
  expect(slot.perSecond).toBeCloseTo(20_000);
  expect(slot.proxyShare).toBeCloseTo(0.8);
  expect(slot.backendShare).toBeCloseTo(0.2);
  expect(slot.loadShare).toBeCloseTo(0.4);
  // 1.26 s busy, of which proxy 0.4, backend 0.1, load 0.25 and the bench itself 0.01 are ours.
  expect(slot.otherCores).toBeCloseTo(1);
  expect(slot.stolenCores).toBeCloseTo(0.1);
  expect(slot.p50Ms).toBeCloseTo(2, 1);
});

test('nothing answered: no cost that anyone could average', () => {
  const result = { answered: 0, failed: 9, reasons: [], tookMs: 500, latencies: newHistogram() };
  const slot = slotOf({ workload: 'w', peer: 'p', round: 0 }, { before: BEFORE, after: AFTER, result });
  expect(Number.isFinite(slot.cpuMicroseconds)).toBe(false);
});
