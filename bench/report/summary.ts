/** From single measurements to what the tables and the plot show. */
import type { Slot } from '../measure/slot.ts';
import { ratiosByRound, type Spread, spreadOf } from '../measure/statistics.ts';
import type { Peer } from '../peers/peer.ts';
import type { Workload } from '../workloads.ts';

/** One peer under one workload. */
export interface Row {
  readonly peer: Pick<Peer, 'id' | 'title'>;
  readonly cpuMicroseconds: Spread;
  /** CPU of the reference over this peer's, of the same round: what the reference takes of it. */
  readonly referenceOver: Spread;
  readonly perSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Of one core. */
  readonly proxyShare: Spread;
  readonly failed: number;
  readonly reasons: readonly string[];
}

/** One workload with all peers that could be measured. */
export interface Panel {
  readonly workload: Workload;
  readonly rows: readonly Row[];
}

/** How the machine and the bench's own processes did meanwhile. */
export interface Conditions {
  /** Cores that were busy with something else: the median of all measurements, and what a tenth exceeded. */
  readonly otherCores: number;
  readonly otherCoresOften: number;
  readonly stolenCores: number;
  /** Workloads and peers under which load or backend were nearly saturated. */
  readonly saturated: readonly string[];
}

/** Above this share of a core the load or the backend may be what is measured. */
export const SATURATED = 0.9;

/** One panel for each workload; the reference is a peer's id. */
export function panelsOf(
  slots: readonly Slot[],
  {
    workloads,
    peers,
    reference,
  }: { workloads: readonly Workload[]; peers: readonly Peer[]; reference: string },
): readonly Panel[] {
  return workloads.map((workload) => {
    const all = slots.filter((slot) => slot.workload === workload.id);
    const base = cpuByRound(all, reference);
    const rows = peers.flatMap((peer) => {
      const own = all.filter((slot) => slot.peer === peer.id);
      return own.length === 0 ? [] : [rowOf(peer, own, base)];
    });
    return { workload, rows };
  });
}

function rowOf(peer: Peer, slots: readonly Slot[], base: ReadonlyMap<number, number>): Row {
  const of = (key: 'cpuMicroseconds' | 'perSecond' | 'p50Ms' | 'p99Ms' | 'proxyShare') =>
    spreadOf(slots.map((slot) => slot[key]));
  return {
    peer: { id: peer.id, title: peer.title },
    cpuMicroseconds: of('cpuMicroseconds'),
    referenceOver: spreadOf(ratiosByRound(base, cpuByRound(slots, peer.id))),
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    proxyShare: of('proxyShare'),
    failed: slots.reduce((sum, { failed }) => sum + failed, 0),
    reasons: [...new Set(slots.flatMap(({ reasons }) => reasons))],
  };
}

/** Of one peer, by round; of all slots that are handed in. */
export function cpuByRound(slots: readonly Slot[], peer: string): ReadonlyMap<number, number> {
  return new Map(
    slots.filter((slot) => slot.peer === peer).map(({ round, cpuMicroseconds }) => [round, cpuMicroseconds]),
  );
}

/** Over all measurements. */
export function conditionsOf(slots: readonly Slot[]): Conditions {
  const others = [...slots.map(({ otherCores }) => otherCores)].sort((a, b) => a - b);
  const groups = new Map<string, Slot[]>();
  for (const slot of slots) {
    const key = `${slot.workload}, ${slot.peer}`;
    groups.set(key, [...(groups.get(key) ?? []), slot]);
  }
  const saturated = [...groups].flatMap(([key, own]) => {
    const load = spreadOf(own.map(({ loadShare }) => loadShare)).median;
    const backend = spreadOf(own.map(({ backendShare }) => backendShare)).median;
    const who = [load > SATURATED ? 'load' : '', backend > SATURATED ? 'backend' : ''].filter(
      (name) => name !== '',
    );
    return who.length === 0 ? [] : [`${key}: ${who.join(' and ')}`];
  });
  return {
    otherCores: spreadOf(others).median,
    otherCoresOften: others[Math.floor(others.length * 0.9)] ?? Number.NaN,
    stolenCores: slots.reduce((sum, { stolenCores }) => sum + stolenCores, 0) / slots.length,
    saturated,
  };
}
