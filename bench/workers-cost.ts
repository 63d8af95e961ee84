/**
 * What a second worker costs and how connections are parted: Banyan as one process and Banyan with two workers, both on
 * the same two cores, in turns, one load process and the backend on cores of their own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CleanUp } from './clean-up.ts';
import { allowedCores, type Cores, canPin } from './measure/machine.ts';
import { ratiosByRound, type Spread, spreadOf } from './measure/statistics.ts';
import { measureAll, slotCount } from './measure-all.ts';
import type { Peer } from './peers/peer.ts';
import { freePort, Processes } from './processes.ts';
import type { Progress } from './progress.ts';
import { cpuByRound } from './report/summary.ts';
import { Session } from './session.ts';
import { USUAL_ROUTES, type Workload } from './workloads.ts';

/** Of two workers beside one process. */
export interface WorkersCost {
  /** CPU of one process per request, in µs. */
  readonly one: Spread;
  readonly two: Spread;
  /** Two workers' over one process's, round by round. */
  readonly ratio: Spread;
  /** Requests per second of two workers over one process's. */
  readonly throughput: Spread;
  /** Client connections of each worker, of those that were opened. */
  readonly connections: readonly number[];
}

/** What it is measured with. */
export interface WorkersRun {
  readonly banyan: Peer;
  readonly workload: Workload;
  readonly rounds: number;
  readonly slotMs: number;
  readonly folder: string;
  readonly cleanUp: CleanUp;
  readonly progressOf: (total: number) => Progress;
}

const CONNECTIONS = 200;
/** For connections that are on their way to a worker. */
const SETTLE_MS = 500;
const CORES = 4;

/** Null where there are no four cores to keep apart. */
export async function workersCost(run: WorkersRun): Promise<WorkersCost | null> {
  const allowed = allowedCores();
  if (!canPin() || allowed.length < CORES || run.banyan.missing() !== null) return null;
  const processes = new Processes(run.folder);
  run.cleanUp.add(() => processes.killAll());
  const session = await Session.open(processes, run.folder, coresOf(allowed));
  const one = { ...run.banyan, id: 'one' };
  const two = withWorkers(run.banyan, await freePort());
  const measuring = { ...run, session, peers: [one, two], workloads: [run.workload] };
  const { slots, leftOut } = await measureAll({
    ...measuring,
    progress: run.progressOf(slotCount(measuring)),
  });
  const connections = leftOut.length === 0 ? await connectionsByWorker(session, run) : [];
  await processes.endAll();
  if (leftOut.length > 0) return null;
  const byRound = (peer: string) => cpuByRound(slots, peer);
  const perSecond = (peer: string) =>
    new Map(slots.filter((slot) => slot.peer === peer).map((slot) => [slot.round, slot.perSecond]));
  return {
    one: spreadOf([...byRound('one').values()]),
    two: spreadOf([...byRound('two').values()]),
    ratio: spreadOf(ratiosByRound(byRound('two'), byRound('one'))),
    throughput: spreadOf(ratiosByRound(perSecond('two'), perSecond('one'))),
    connections,
  };
}

function coresOf(allowed: readonly number[]): Cores {
  const [last = 0, second = 0, third = 0, fourth = 0] = [...allowed].reverse();
  return { proxy: [last, second], backend: [third], load: [fourth] };
}

/** The last of two equal flags counts. */
function withWorkers(banyan: Peer, adminPort: number): Peer {
  return {
    ...banyan,
    id: 'two',
    title: `${banyan.title}, two workers`,
    start: (setting) => {
      const command = banyan.start(setting);
      return {
        ...command,
        args: [...command.args, '--workers', '2', '--admin', `127.0.0.1:${adminPort}`],
      };
    },
  };
}

/** Of a router of its own. */
async function connectionsByWorker(session: Session, run: WorkersRun): Promise<readonly number[]> {
  const adminPort = await freePort();
  const proxy = await session.startProxy(withWorkers(run.banyan, adminPort), USUAL_ROUTES);
  await session.hold(proxy, { ...run.workload, connections: CONNECTIONS });
  await sleep(SETTLE_MS);
  const page = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  await session.letGo();
  await session.endProxy(proxy);
  return [...page.matchAll(/^banyan_worker_connections\{[^}]*\} (\d+)$/gm)].map(([, count]) => Number(count));
}
