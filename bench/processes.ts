/** Starting and ending what the bench needs; nothing of it outlives the bench. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 20_000;
const END_MS = 3_000;

/** What is to be started. */
export interface Command {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cores: readonly number[] | null;
  /** A file that gets its stdout; `pipe`: read by the bench; with `ipc` also messages. */
  readonly stdout: string | 'pipe' | 'ipc';
}

/** A process that runs, with its group. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** Where its access log goes. */
  readonly log: { readonly descriptor: number; readonly file: string } | null;
  readonly errors: string;
}

/** All processes that one run of the bench starts. */
export class Processes {
  readonly #folder: string;
  readonly #running = new Set<Running>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A group of its own: Ctrl-C goes to the bench alone, and workers can be found and ended with their parent. */
  start(what: Command): Running {
    const pin = what.cores !== null ? ['taskset', '-c', what.cores.join(',')] : [];
    const [command = '', ...args] = [...pin, what.command, ...what.args];
    const file = path.join(this.#folder, `${what.name}.log`);
    const errors = path.join(this.#folder, `${what.name}.err`);
    const toFile = what.stdout === 'pipe' || what.stdout === 'ipc' ? null : openSync(file, 'a+');
    const stderr = openSync(errors, 'a');
    const stdio: StdioOptions = [
      'ignore',
      toFile ?? 'pipe',
      stderr,
      ...(what.stdout === 'ipc' ? ['ipc' as const] : []),
    ];
    const child = spawn(command, args, { stdio, detached: true, env: { ...process.env, ...what.env } });
    closeSync(stderr);
    child.on('error', () => {});
    const log = toFile === null ? null : { descriptor: toFile, file };
    const running = { name: what.name, pid: child.pid ?? 0, child, log, errors };
    this.#running.add(running);
    return running;
  }

  /** When it takes connections. Rejects with what it wrote to stderr when it ends before, or takes too long. */
  async untilItAccepts(running: Running, port: number): Promise<void> {
    const end = Date.now() + START_MS;
    while (!(await accepts(port))) {
      const { child } = running;
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined || Date.now() > end)
        throw new Error(`${running.name} did not start: ${errorsOf(running)}`);
      await sleep(30);
    }
  }

  /** The whole group: asked first, then killed. */
  async end(running: Running): Promise<void> {
    if (!this.#running.delete(running)) return;
    const gone = new Promise<void>((resolve) => {
      if (running.child.exitCode !== null || running.child.signalCode !== null) resolve();
      else running.child.once('exit', () => resolve());
    });
    signalGroup(running, 'SIGTERM');
    await Promise.race([gone, sleep(END_MS, undefined, { ref: false })]);
    signalGroup(running, 'SIGKILL');
    if (running.log) closeSync(running.log.descriptor);
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#running].map((running) => this.end(running)));
  }

  /** At once, for when the bench itself must go. */
  killAll(): void {
    for (const running of this.#running) signalGroup(running, 'SIGKILL');
  }
}

/** Access logs are written and then thrown away: a run writes gigabytes of them. */
export function emptyLog({ log }: Running): void {
  if (log) ftruncateSync(log.descriptor);
}

/** The last lines of its stderr. */
export function errorsOf(running: Running): string {
  return readFileSync(running.errors, 'utf8').trim().split('\n').slice(-12).join('\n  ') || 'it said nothing';
}

function signalGroup({ pid }: Running, signal: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has gone already.
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
