/**
 * One service of the example shop as a child process: started on a port of its own, started again if it dies, as a
 * container would be, and ended with the demo. It ends too if the demo is killed, since the pipe that is its standard
 * input closes then; and it does not get the terminal's Ctrl-C, so that the router can drain before it goes.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** What to run. */
export interface ServiceSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a service tells. */
export interface ServiceEvents {
  /** A line for the user. */
  readonly say: (text: string) => void;
  /** It died again and again, and was given up. */
  readonly onGivenUp: (name: string) => void;
}

/** A service that runs. */
export interface Service {
  readonly name: string;
  /** Resolves when the process is gone. */
  stop(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const START_MS = 8_000;
const STOP_MS = 3_000;
const RESTART_MS = 1_000;
/** A service that lived this long is not one that cannot start. */
const SETTLED_MS = 10_000;
const MAX_RESTARTS = 5;

/** Starts it and resolves once it listens. @throws Error with what it wrote, if it does not. */
export async function startService(spec: ServiceSpec, events: ServiceEvents): Promise<Service> {
  const service = new RunningService(spec, events);
  await service.start();
  return service;
}

class RunningService implements Service {
  readonly name: string;
  readonly #spec: ServiceSpec;
  readonly #events: ServiceEvents;
  #child: Child | null = null;
  #stopping = false;
  #restarts = 0;
  #restartTimer: NodeJS.Timeout | null = null;

  constructor(spec: ServiceSpec, events: ServiceEvents) {
    this.name = spec.name;
    this.#spec = spec;
    this.#events = events;
  }

  async start(): Promise<void> {
    const child = launch(this.#spec);
    this.#child = child;
    child.stderr.on('data', (text: string) => this.#events.say(text.trimEnd()));
    await listening(child, this.name);
    const since = performance.now();
    child.once('exit', (code, signal) =>
      this.#died(signal ?? `exit code ${code}`, performance.now() - since),
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    if (this.#child !== null) await end(this.#child);
  }

  #died(how: string, livedMs: number): void {
    if (this.#stopping) return;
    this.#restarts = livedMs > SETTLED_MS ? 1 : this.#restarts + 1;
    if (this.#restarts > MAX_RESTARTS) {
      this.#events.say(`${this.name} ended again (${how}): given up`);
      this.#events.onGivenUp(this.name);
      return;
    }
    this.#events.say(`${this.name} ended (${how}): started again in a second`);
    this.#restartTimer = setTimeout(() => this.#startAgain(), RESTART_MS);
  }

  #startAgain(): void {
    this.start().then(
      () => this.#events.say(`${this.name} is back`),
      (error: Error) => this.#died(error.message, 0),
    );
  }
}

function launch({ command, args, cwd, env }: ServiceSpec): Child {
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  // Its end is told by `exit`; a pipe that closes with it is no news.
  child.stdin.on('error', () => {});
  return child;
}

/** Services say "… listening on …" once they do. */
function listening(child: Child, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const written = { text: '' };
    const onData = (text: string): void => {
      written.text += text;
      if (written.text.includes('listening on')) settle(null);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      settle(new Error(`${name} ended (${signal ?? `exit code ${code}`})`));
    };
    const settle = (error: Error | null): void => {
      clearTimeout(timer);
      child.off('exit', onExit);
      child.stdout.off('data', onData).resume();
      if (error === null) {
        resolve();
      } else {
        child.kill('SIGKILL');
        reject(error);
      }
    };
    const timer = setTimeout(() => settle(new Error(`${name} did not start in time`)), START_MS);
    child.stdout.on('data', onData);
    child.on('exit', onExit);
    child.on('error', settle);
  });
}

function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
