/** The load processes as one: plans are parted among them, results added up. */
import path from 'node:path';
import { addedUp } from '../measure/latency-histogram.ts';
import type { Processes, Running } from '../processes.ts';
import type { LoadOrder, LoadPlan, LoadReport, LoadResult } from './load-plan.ts';

/** Longer than any process may take for its own time limits. */
const SILENCE_MS = 30_000;

/** Some processes, each on a core of its own where there are cores. */
export class LoadGenerator {
  readonly processes: readonly Running[];
  #active: readonly Running[] = [];

  constructor(processes: Processes, folder: string, cores: readonly number[] | null) {
    const places = cores === null ? [null, null] : cores.map((core) => [core]);
    this.processes = places.map((place, i) =>
      processes.start({
        name: `load-${i}`,
        command: process.execPath,
        args: [path.join(folder, 'load-process.mjs')],
        cores: place,
        stdout: 'ipc',
      }),
    );
  }

  /** Opens the connections and asks once on each; the failures of that. */
  async prepare(plan: LoadPlan): Promise<LoadResult> {
    const parts = partsOf(plan, this.processes.length);
    this.#active = this.processes.slice(0, parts.length);
    const reports = await Promise.all(
      this.#active.map((running, i) => ask(running, { do: 'prepare', plan: parts[i] ?? plan })),
    );
    return together(
      reports.map((report) => (report.is === 'ready' ? { ...EMPTY, ...report } : report.result)),
    );
  }

  /** Opens connections beside those that are held already, asks once on each, and keeps them. How many failed. */
  async hold(plan: LoadPlan): Promise<number> {
    const parts = partsOf(plan, this.processes.length);
    const reports = await Promise.all(
      parts.map((part, i) => ask(this.processes[i], { do: 'hold', plan: part })),
    );
    return reports.reduce((sum, report) => sum + (report.is === 'ready' ? report.failed : 0), 0);
  }

  /** Ends the connections that are held. */
  async letGo(): Promise<void> {
    await Promise.all(this.processes.map((running) => ask(running, { do: 'close' })));
  }

  /** Asks for so long. Failures of `prepare` are counted again in it. */
  async go(forMs: number): Promise<LoadResult> {
    const reports = await Promise.all(this.#active.map((running) => ask(running, { do: 'go', forMs })));
    return together(reports.flatMap((report) => (report.is === 'done' ? [report.result] : [])));
  }
}

const EMPTY: LoadResult = { answered: 0, failed: 0, reasons: [], tookMs: 0, latencies: [] };

/** Connections are parted evenly; a process without any has nothing to do. */
export function partsOf(plan: LoadPlan, processes: number): readonly LoadPlan[] {
  return Array.from({ length: processes }, (_, i) => ({
    ...plan,
    connections: Math.floor((plan.connections + i) / processes),
  })).filter(({ connections }) => connections > 0);
}

function together(results: readonly LoadResult[]): LoadResult {
  return {
    answered: results.reduce((sum, { answered }) => sum + answered, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    reasons: [...new Set(results.flatMap(({ reasons }) => reasons))],
    tookMs: Math.max(...results.map(({ tookMs }) => tookMs)),
    latencies: addedUp(results.map(({ latencies }) => latencies)),
  };
}

function ask(running: Running | undefined, order: LoadOrder): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    if (running === undefined) return reject(new Error('there is no such process'));
    const { child, name } = running;
    const silent = setTimeout(() => reject(new Error(`${name} does not answer`)), SILENCE_MS);
    const gone = () => reject(new Error(`${name} has ended`));
    child.once('exit', gone);
    child.once('message', (report: LoadReport) => {
      clearTimeout(silent);
      child.off('exit', gone);
      resolve(report);
    });
    child.send(order);
  });
}
