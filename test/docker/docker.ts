import { execFile, execFileSync } from 'node:child_process';

/** What a command gave. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  /** Standard output and standard error as they came. */
  readonly all: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Resolve whatever the exit code is. */
  readonly mayFail?: boolean;
}

/** The classic builder and the Compose that is there, so that the suite runs on old engines and on new ones. */
const ENV = { ...process.env, DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0' };

/** Runs a command. @throws Error with all that it wrote if it fails. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { cwd, env, timeoutMs = 120_000, mayFail = false } = options;
  return new Promise((resolve, reject) => {
    const settings = { cwd, env: { ...ENV, ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(command, args, settings, (error, out, err) => {
      const code = error === null ? 0 : (child.exitCode ?? -1);
      if (error === null || mayFail) resolve({ code, out, all: out + err });
      else reject(new Error(`${command} ${args.join(' ')} failed (${code}):\n${out}${err}`));
    });
  });
}

export async function docker(...args: readonly string[]): Promise<string> {
  return (await run('docker', args)).out.trim();
}

/** `docker-compose`, or the plugin `docker compose` where that is all there is. */
export const COMPOSE: readonly [string, ...string[]] = hasCommand('docker-compose')
  ? ['docker-compose']
  : ['docker', 'compose'];

function hasCommand(name: string): boolean {
  try {
    execFileSync(name, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
