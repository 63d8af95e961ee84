import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually } from './eventually.ts';
import { frontUnderTest } from './start-router.ts';

/** A `banyan demo` in a folder of its own. */
export interface RunningDemo {
  readonly url: string;
  readonly adminUrl: string;
  readonly routesFile: string;
  /** Addresses of the shop's services, as printed. */
  readonly backends: readonly string[];
  readonly child: ChildProcess;
  /** Everything written so far. */
  text(): string;
  /** The process of a service, found by its script. */
  pidOf(script: string): Promise<number>;
  readonly exited: Promise<number | null>;
}

/** Where the demo goes on its own if nothing else is said: any free port. */
export const ANY_PORTS = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'] as const;

/** Runs the built `banyan demo` and resolves once it has said what to open. */
export async function startDemo(
  flags: readonly string[],
  env: Record<string, string> = {},
): Promise<RunningDemo> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-demo-test-'));
  const demo = spawnDemo(folder, flags, env);
  // Services of a demo that was killed may still be writing.
  demo.exited.then(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const ended = demo.exited.then((code) => {
    throw new Error(`the demo ended with code ${code}:\n${demo.text()}`);
  });
  await Promise.race([
    ended,
    eventually(demo.text, (text) => text.includes('Ctrl-C'), { timeoutMs: 15_000 }),
  ]);
  ended.catch(() => {});
  const printed = demo.text();
  return {
    ...demo,
    url: `http://${/the shop +http:\/\/([^/]+)/.exec(printed)?.[1]}`,
    adminUrl: `http://${/the router +http:\/\/([^/]+)/.exec(printed)?.[1]}`,
    routesFile: join(folder, 'banyan-demo', 'routes.yaml'),
    backends: [...(/Behind the router: (.*)/.exec(printed)?.[1] ?? '').matchAll(/http:\/\/[\d.:]+/g)].map(
      String,
    ),
  };
}

/** The same without waiting: for a demo that does not come up. */
export function spawnDemo(
  folder: string,
  flags: readonly string[],
  env: Record<string, string> = {},
): Pick<RunningDemo, 'child' | 'text' | 'exited' | 'pidOf'> {
  const cli = resolve(import.meta.dirname, '../../dist/cli.js');
  const child = spawn(process.execPath, [cli, 'demo', ...flags], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...frontUnderTest(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => written.push(String(chunk)));
  const exited = new Promise<number | null>((done) => child.once('close', done));
  return { child, exited, text: () => written.join(''), pidOf: (script) => childRunning(child.pid!, script) };
}

async function childRunning(parent: number, script: string): Promise<number> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    if (Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]) !== parent) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(script)) return Number(entry);
  }
  throw new Error(`no child of ${parent} runs ${script}`);
}
