/** One run, from the machine's cores to results. Used by `npm run bench`, `npm run bench:quick` and a test. */
import type { CleanUp } from './clean-up.ts';
import { type IdleMemory, idleMemory } from './idle-memory.ts';
import type { MatchCost } from './match-cost.ts';
import { allowedCores, type Cores, canPin, coresFor, machineNames } from './measure/machine.ts';
import type { Slot } from './measure/slot.ts';
import { type Measured, measureAll, slotCount } from './measure-all.ts';
import type { Peer } from './peers/peer.ts';
import { Processes } from './processes.ts';
import type { Progress } from './progress.ts';
import { aimResults } from './report/aims.ts';
import type { Results } from './report/results.ts';
import { conditionsOf, panelsOf } from './report/summary.ts';
import { Session } from './session.ts';
import { type WorkersCost, workersCost } from './workers-cost.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

/** What to measure, and with what. */
export interface BenchRun {
  /** The first one is what the others are compared with. */
  readonly peers: readonly Peer[];
  readonly workloads: readonly Workload[];
  readonly withIdle: boolean;
  readonly withWorkers: boolean;
  /** Null: not wanted. */
  readonly matchCost: (() => MatchCost) | null;
  readonly rounds: number;
  readonly slotMs: number;
  /** The longest warm-up of a peer, in ms; for tests. */
  readonly mostWarmUpMs?: number;
  readonly folder: string;
  readonly cleanUp: CleanUp;
  readonly progressOf: (total: number) => Progress;
}

/** Results, with the single measurements they are made of. */
export type RunResults = Results & { readonly slots: readonly Slot[] };

/** Peers that are not installed are left out and named. Rejects when nothing is left to measure. */
export async function runBench(run: BenchRun): Promise<RunResults> {
  const startedAt = performance.now();
  const missing = run.peers.flatMap((peer) => peer.missing() ?? []);
  const peers = run.peers.filter((peer) => peer.missing() === null);
  if (peers.length === 0) throw new Error(`nothing to measure: ${missing.join('; ')}`);
  const cores = canPin() ? coresFor(allowedCores()) : NOT_PINNED;
  const { measured, idle } = await measure({ ...run, peers }, cores);
  const workers = await workersBeside({ ...run, peers });
  const match = run.matchCost?.() ?? null;
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: machineNames(),
    pinned: pinnedText(cores),
    rounds: run.rounds,
    slotSeconds: run.slotMs / 1_000,
    tookMinutes: (performance.now() - startedAt) / 60_000,
    reference: peers[0]?.title ?? '',
    peers: peers.map((peer) => ({
      id: peer.id,
      title: peer.title,
      version: peer.version(),
      setup: peer.setup,
    })),
    missing,
    leftOut: measured.leftOut,
    panels: panelsOf(measured.slots, { workloads: run.workloads, peers, reference: peers[0]?.id ?? '' }),
    aims: aimResults(measured.slots, { idle, match, workers }),
    idle,
    match,
    workers,
    conditions: conditionsOf(measured.slots),
    slots: measured.slots,
  };
}

async function measure(
  run: BenchRun,
  cores: Cores,
): Promise<{ readonly measured: Measured; readonly idle: readonly IdleMemory[] }> {
  const processes = new Processes(run.folder);
  run.cleanUp.add(() => processes.killAll());
  const session = await Session.open(processes, run.folder, cores);
  const progress = run.progressOf(slotCount(run));
  const measured = await measureAll({ ...run, session, progress });
  const [workload] = run.workloads;
  const idle = run.withIdle && workload ? await idleMemory(session, run.peers, { workload, progress }) : [];
  await processes.endAll();
  return { measured, idle };
}

/** Of Banyan, where it is measured at all, under a small GET. */
async function workersBeside(run: BenchRun): Promise<WorkersCost | null> {
  const banyan = run.peers.find(({ id }) => id === 'banyan');
  const [workload] = WORKLOADS;
  if (!run.withWorkers || banyan === undefined || workload === undefined) return null;
  return workersCost({ ...run, banyan, workload });
}

const NOT_PINNED: Cores = { proxy: null, backend: null, load: null };

function pinnedText({ proxy, backend, load }: Cores): string {
  if (proxy === null || backend === null || load === null)
    return 'nothing: this machine has one core, or no `taskset`';
  return `proxy on core ${proxy.join(', ')}, backend on ${backend.join(', ')}, load on ${load.join(', ')}`;
}
