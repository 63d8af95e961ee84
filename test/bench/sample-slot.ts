import type { Slot } from '../../bench/measure/slot.ts';

/** A measurement in which nothing went wrong; what matters to a test is given. */
export function sampleSlot(more: Partial<Slot>): Slot {
  return {
    workload: 'small-64',
    peer: 'banyan',
    round: 0,
    answered: 1_000,
    failed: 0,
    reasons: [],
    cpuMicroseconds: 50,
    perSecond: 20_000,
    p50Ms: 1,
    p99Ms: 2,
    proxyShare: 1,
    backendShare: 0.4,
    loadShare: 0.5,
    otherCores: 0.1,
    stolenCores: 0,
    ...more,
  };
}
