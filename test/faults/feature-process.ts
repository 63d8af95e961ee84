import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../bench/processes.ts';

/** A feature in a process of its own, killed and started as a container is: its port stays, all else is lost. */
export class FeatureProcess {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start(): Promise<FeatureProcess> {
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-feature-'));
    const feature = new FeatureProcess(await freePort(), folder);
    await writeFile(feature.#doneFile, '');
    await feature.start();
    return feature;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const program = path.join(import.meta.dirname, 'feature-process.mjs');
    const child = spawn(process.execPath, [program, String(this.port), this.#doneFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    await once(child.stdout, 'data');
  }

  /** At once: what was under way is lost. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** The targets of all POSTs that it did, once for each time. */
  async done(): Promise<string[]> {
    return (await readFile(this.#doneFile, 'utf8')).split('\n').filter(Boolean);
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #doneFile(): string {
    return path.join(this.#folder, 'done');
  }
}
