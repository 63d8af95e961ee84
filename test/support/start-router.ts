import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** One line of the router's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A `banyan serve` of its own, as its users start it. */
export interface RunningRouter {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** `https://127.0.0.1:PORT`, with `--tls-listen`. */
  readonly tlsUrl: string;
  readonly adminUrl: string;
  readonly routesFile: string;
  readonly pid: number;
  /** Rewrites routes.yaml and waits until its table is in force. @throws when the router rejects it. */
  edit(routes: string): Promise<void>;
  /** Every line logged so far. */
  logs(): LogLine[];
  /** Lines so far that are no JSON objects. */
  torn(): string[];
  /** The first line (also of those logged before) for which this holds. */
  log(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** The metrics page as text. */
  metrics(): Promise<string>;
  /** The value of one series, labels in any order; 0 when it is not there. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Stops it with this signal (SIGTERM), and gives its exit code. Later calls give the same. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Resolves with the exit code when the process has ended by itself or by a signal. */
  readonly exited: Promise<number | null>;
}

/** How to start it. */
export interface RouterOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another Node than this one. */
  readonly node?: string;
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** Starts the built router on free ports with this routes.yaml, in a folder of its own. */
export async function startRouter(routes: string, options: RouterOptions = {}): Promise<RunningRouter> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-'));
  const routesFile = path.join(folder, 'routes.yaml');
  await writeFile(routesFile, routes);
  const child = spawnRouter(routesFile, options);
  const output = new Output(child);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  exited.then(() => rm(folder, { recursive: true, force: true }));
  const started = await Promise.race([output.find((line) => line['msg'] === 'listening'), exited]);
  if (started === null || typeof started !== 'object') {
    throw new Error(`the router ended with code ${started} before it listened:\n${output.text()}`);
  }
  return running({ child, output, exited, routesFile, started });
}

/** The Node that routers run on: `BANYAN_NODE`, by which the full tier runs all of this under other versions. */
export function nodeUnderTest(): string {
  return process.env['BANYAN_NODE'] ?? process.execPath;
}

/** `FRONT` and `WORKERS`, by which the same suites run against another front, or several workers. */
export function frontUnderTest(): Record<string, string> {
  const given = ['FRONT', 'WORKERS'].map((name) => [name, process.env[name]]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function spawnRouter(routesFile: string, options: RouterOptions): ChildProcess {
  const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
  const flags = ['--routes', routesFile, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
  const args = [...(options.nodeFlags ?? []), cli, 'serve', ...flags, ...(options.flags ?? [])];
  return spawn(options.node ?? nodeUnderTest(), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LOG_FORMAT: 'json', ...frontUnderTest(), ...options.env },
  });
}

/** What a child writes: its log lines, and everything as text for messages. */
class Output {
  readonly lines: LogLine[] = [];
  readonly torn: string[] = [];
  readonly #text: string[] = [];
  #waiting: (() => void)[] = [];

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => this.#take(line));
    }
  }

  text(): string {
    return this.#text.join('\n');
  }

  async find(wanted: (line: LogLine) => boolean): Promise<LogLine> {
    for (let from = 0; ; ) {
      const at = this.lines.findIndex((line, index) => index >= from && wanted(line));
      if (at >= 0) return this.lines[at]!;
      from = this.lines.length;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #take(line: string): void {
    this.#text.push(line);
    try {
      this.lines.push(JSON.parse(line) as LogLine);
    } catch {
      this.torn.push(line);
      return;
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly output: Output;
  readonly exited: Promise<number | null>;
  readonly routesFile: string;
  readonly started: LogLine;
}

function running({ child, output, exited, routesFile, started }: Started): RunningRouter {
  const adminUrl = `http://${started['admin']}`;
  const metrics = async (): Promise<string> => (await fetch(`${adminUrl}/metrics`)).text();
  return {
    url: `http://${started['listen']}`,
    port: Number(String(started['listen']).split(':').at(-1)),
    tlsUrl: `https://${started['tls']}`,
    adminUrl,
    routesFile,
    pid: child.pid!,
    exited,
    logs: () => [...output.lines],
    torn: () => [...output.torn],
    log: (wanted) => output.find(wanted),
    metrics,
    metric: async (name, labels) => seriesValue(await metrics(), name, labels ?? {}),
    edit: (routes) => edit({ adminUrl, routesFile, routes }),
    stop: (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}

interface ConfigReport {
  readonly revision: string | null;
  /** Of the last reload: `result` applied, unchanged or rejected; `time`. */
  readonly last_reload: {
    readonly result: string;
    readonly time: string;
    readonly issues: readonly unknown[];
  } | null;
}

/** Writes the file and polls `/api/config`, since that is how anybody outside learns of a reload. */
async function edit(what: { adminUrl: string; routesFile: string; routes: string }): Promise<void> {
  if ((await readFile(what.routesFile, 'utf8')) === what.routes) return;
  const report = async (): Promise<ConfigReport> =>
    (await (await fetch(`${what.adminUrl}/api/config`)).json()) as ConfigReport;
  const before = await report();
  await writeFile(what.routesFile, what.routes);
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const now = await report();
    if (now.revision !== before.revision) return;
    if (now.last_reload?.result === 'rejected' && now.last_reload.time !== before.last_reload?.time) {
      throw new Error(`rejected: ${JSON.stringify(now.last_reload.issues)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the edit was not in force after 10 s');
}

/** The value of a series on a metrics page: the first whose labels include these; 0 when there is none. */
export function seriesValue(page: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const line = page
    .split('\n')
    .find(
      (text) =>
        text.startsWith(name) &&
        /^[{ ]/.test(text.slice(name.length)) &&
        wanted.every((label) => text.includes(label)),
    );
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
}
