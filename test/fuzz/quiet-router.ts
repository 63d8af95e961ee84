import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { seriesValue } from '../support/start-router.ts';

interface Listening {
  readonly listen: string;
  readonly admin: string;
  readonly tls?: string;
}

/** A built router whose log is read but not kept, but for what is an error: a million exchanges say much. */
export class QuietRouter {
  readonly pid: number;
  readonly port: number;
  /** With `--tls-listen`. */
  readonly tlsPort: number;
  readonly errors: string[];
  readonly #child: ChildProcess;
  readonly #adminUrl: string;

  private constructor(child: ChildProcess, listening: Listening, errors: string[]) {
    this.#child = child;
    this.pid = child.pid as number;
    this.port = Number(listening.listen.split(':').at(-1));
    this.tlsPort = Number(listening.tls?.split(':').at(-1));
    this.#adminUrl = `http://${listening.admin}`;
    this.errors = errors;
  }

  static async start(routes: string, flags: readonly string[]): Promise<QuietRouter> {
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-'));
    const file = path.join(folder, 'routes.yaml');
    await writeFile(file, routes);
    const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
    const listen = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--log-sample', '0%'];
    const env = { PATH: process.env['PATH'], LOG_FORMAT: 'json', NODE_ENV: 'production' };
    const child = spawn(
      process.execPath,
      [
        ...(process.env['FUZZ_NODE'] ?? '').split(' ').filter(Boolean),
        cli,
        'serve',
        '--routes',
        file,
        ...listen,
        ...flags,
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env,
      },
    );
    const errors: string[] = [];
    const listening = await new Promise<Listening>((resolve, reject) => {
      child.once('close', (code) => reject(new Error(`the router ended with ${code}: ${errors.join('\n')}`)));
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        if (line.includes('"msg":"listening"')) resolve(JSON.parse(line));
        if (/"level":"?(?:error|fatal|50|60)/.test(line)) errors.push(line);
      });
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) =>
        errors.push(line),
      );
    });
    child.once('exit', () => void rm(folder, { recursive: true, force: true }));
    return new QuietRouter(child, listening, errors);
  }

  async metric(name: string): Promise<number> {
    return seriesValue(await (await fetch(`${this.#adminUrl}/metrics`)).text(), name, {});
  }

  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null> {
    const { exitCode } = this.#child;
    if (exitCode !== null) return Promise.resolve(exitCode);
    return new Promise((resolve) => {
      this.#child.once('exit', (code) => resolve(code));
      this.#child.kill('SIGTERM');
    });
  }
}
