import { spawn } from 'node:child_process';
import path from 'node:path';

/** What a finished `banyan` left. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How to run it. */
export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment but PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** The user and group that it runs as; its own if not given. Only root can be another. */
  readonly uid?: number;
}

/** Runs the built `banyan` with these arguments to its end. */
export function runBanyan(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: options.cwd,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, ...texts }));
  });
}
