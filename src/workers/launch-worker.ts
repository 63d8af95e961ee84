import cluster from 'node:cluster';
import type { Bound } from '../app.ts';
import { VERSION } from '../model/version.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Settings } from '../settings.ts';
import type { ConnectionDealer } from './connection-dealer.ts';
import type { CrewMember, WorkerEnd } from './crew.ts';
import type { CrewMetrics } from './crew-metrics.ts';
import { relayLines } from './log-relay.ts';
import type { PrimaryNote, ToPrimary } from './messages.ts';
import { startError } from './start-problem.ts';
import type { TablePush } from './table-push.ts';
import { WorkerLink } from './worker-link.ts';

/** What a worker is started with. */
export interface Launch {
  readonly settings: Settings;
  readonly hasColors: boolean;
  readonly sink: LogSink;
  readonly errorSink: LogSink;
  readonly tables: TablePush;
  readonly metrics: CrewMetrics;
  readonly dealer: ConnectionDealer;
  /** What it has to know before it serves. */
  readonly notes: () => readonly PrimaryNote[];
  /** What a worker says by itself. */
  readonly onMessage: (worker: number, message: ToPrimary) => void;
}

/** A worker that serves. */
export interface LaunchedWorker extends CrewMember {
  readonly link: WorkerLink;
  readonly worker: number;
  /** Where it listens: the same for all. */
  readonly address: string;
  readonly port: number;
  readonly tls: Bound['tls'];
}

/** How long a worker may take for its start, and for its end after the drain. */
const START_MS = 30_000;
const END_MS = 3_000;

/** Has worker processes run this program as `worker`, with their output on pipes to this one. */
export function prepareWorkers(): void {
  // Round robin: of two workers each gets every other connection, also where the system would wake the same one.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ args: ['worker'], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** Forks a process; its link is there before anything of it can be. */
export function forkWorker({ sink, errorSink, dealer }: Launch): WorkerLink {
  const worker = cluster.fork();
  const { stdout, stderr } = worker.process;
  if (stdout !== null) relayLines(stdout, sink);
  if (stderr !== null) relayLines(stderr, errorSink);
  dealer.add(worker.process);
  const link = new WorkerLink(worker);
  void link.ended.then(() => dealer.remove(worker.process));
  return link;
}

/** Brings a process so far that it serves. @throws WorkerGone, or the listener's error */
export async function launchWorker(
  worker: number,
  link: WorkerLink,
  launch: Launch,
): Promise<LaunchedWorker> {
  const { settings, hasColors, tables, metrics, dealer } = launch;
  link.onMessage = (message) => {
    if (message.kind === 'connections') dealer.told(link.child, message.open);
    if (!metrics.take(link, message)) launch.onMessage(worker, message);
  };
  try {
    await link.hear({ answers: ['here'], limitMs: START_MS });
    const hello = { kind: 'start', version: VERSION, worker, workers: settings.workers } as const;
    const started = { answers: ['started', 'start_failed'], limitMs: START_MS } as const;
    const first = await link.ask({ ...hello, settings, hasColors }, started);
    if (first.kind === 'start_failed') throw startError(first.problem);
    for (const note of launch.notes()) link.tell({ kind: 'note', note });
    await tables.join(link);
    const listening = { answers: ['listening', 'start_failed'], limitMs: START_MS } as const;
    const bound = await link.ask({ kind: 'listen' }, listening);
    if (bound.kind === 'start_failed') throw startError(bound.problem);
    metrics.add(worker, link);
    dealer.serves(link.child);
    const { address, port, tls } = bound;
    return memberOf({ worker, link, address, port, tls, launch });
  } catch (error) {
    link.kill();
    throw error;
  }
}

interface Serving extends Pick<LaunchedWorker, 'worker' | 'link' | 'address' | 'port' | 'tls'> {
  readonly launch: Launch;
}

function memberOf({ launch, ...serving }: Serving): LaunchedWorker {
  const { link } = serving;
  return {
    ...serving,
    pid: link.pid,
    ended: link.ended,
    retire: async () => {
      launch.dealer.retires(link.child);
      await drainWorker(link, launch.settings.drainTimeoutMs);
      await endWorker(link, launch.metrics);
    },
    kill: () => link.kill(),
  };
}

/** Resolves when it has drained, has ended, or the time is over. */
export async function drainWorker(link: WorkerLink, limitMs: number): Promise<void> {
  await link.ask({ kind: 'drain' }, { answers: ['drained'], limitMs }).catch(() => undefined);
}

/** Ends a worker that has drained; its last counts are added. */
export async function endWorker(link: WorkerLink, metrics: CrewMetrics): Promise<WorkerEnd> {
  const limit = setTimeout(() => link.kill(), END_MS);
  await metrics.ask(link, 'close');
  const end = await link.ended;
  clearTimeout(limit);
  return end;
}
