/** What was measured of one peer under one workload in one round. */

import type { LoadResult } from '../load/load-plan.ts';
import { latencyAt } from './latency-histogram.ts';
import { type CpuReading, secondsBetween } from './process-cpu.ts';

/** One measurement. */
export interface Slot {
  readonly workload: string;
  readonly peer: string;
  readonly round: number;
  readonly answered: number;
  readonly failed: number;
  readonly reasons: readonly string[];
  /** Of the proxy's processes, per answer. */
  readonly cpuMicroseconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Shares of one core: of the proxy, the backend, and the busiest load process. */
  readonly proxyShare: number;
  readonly backendShare: number;
  readonly loadShare: number;
  /** Cores that were busy with something else, and that the hypervisor took. */
  readonly otherCores: number;
  readonly stolenCores: number;
}

/** CPU of everything at one moment, in seconds. */
export interface Books {
  readonly atMs: number;
  readonly proxy: CpuReading;
  readonly backend: CpuReading;
  /** Of each process. */
  readonly load: readonly CpuReading[];
  readonly machine: { readonly busy: number; readonly stolen: number };
  /** Of the bench itself. */
  readonly own: number;
}

/** The books before and after, and what the load processes counted between. */
export function slotOf(
  of: Pick<Slot, 'workload' | 'peer' | 'round'>,
  { before, after, result }: { readonly before: Books; readonly after: Books; readonly result: LoadResult },
): Slot {
  const seconds = (after.atMs - before.atMs) / 1_000;
  const proxy = secondsBetween(before.proxy, after.proxy);
  const backend = secondsBetween(before.backend, after.backend);
  const load = after.load.map((used, i) => secondsBetween(before.load[i] ?? new Map(), used));
  const ours = proxy + backend + load.reduce((sum, used) => sum + used, 0) + after.own - before.own;
  return {
    ...of,
    answered: result.answered,
    failed: result.failed,
    reasons: result.reasons,
    cpuMicroseconds: (proxy / result.answered) * 1e6,
    perSecond: result.answered / (result.tookMs / 1_000),
    p50Ms: latencyAt(result.latencies, 0.5),
    p99Ms: latencyAt(result.latencies, 0.99),
    proxyShare: proxy / seconds,
    backendShare: backend / seconds,
    loadShare: Math.max(...load) / seconds,
    otherCores: Math.max(0, (after.machine.busy - before.machine.busy - ours) / seconds),
    stolenCores: (after.machine.stolen - before.machine.stolen) / seconds,
  };
}
