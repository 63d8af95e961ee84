import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { COMPOSE, docker, type Ran, type RunOptions, run } from './docker.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

/** What Compose needs of the repository. */
const PARTS = [
  ...[
    'Dockerfile',
    '.dockerignore',
    'docker-compose.yml',
    'routes.yaml',
    'package.json',
    'package-lock.json',
  ],
  ...['tsconfig.json', 'LICENSE', 'scripts', 'src', 'deploy', 'examples'],
];

/**
 * A Compose project of its own: a copy of the working tree's parts in a folder, with its own name and ports. Everything
 * that it starts goes with `down`.
 */
export interface ComposeProject {
  readonly name: string;
  readonly folder: string;
  /** The router, as the outside sees it. */
  readonly url: string;
  readonly port: number;
  /** The router's image; anything named `NAME-…` goes with `down`. */
  readonly image: string;
  /** Runs `docker-compose` with these arguments in the project. */
  compose(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The containers of a service, running or not. */
  containers(service: string): Promise<string[]>;
  /** The one container of a service. */
  container(service: string): Promise<string>;
  /** Changes a file of the project in place. */
  edit(file: string, change: (text: string) => string): Promise<void>;
  /** Changes a file by writing a new one and renaming it over the old. */
  replace(file: string, change: (text: string) => string): Promise<void>;
  /** The router's admin listener, asked from inside its container, since nothing else reaches it. */
  admin(path: string): Promise<string>;
  down(): Promise<void>;
}

/** How a project differs from the repository's own. */
export interface ProjectOptions {
  /** Folder with the Compose file, from the root of the repository. */
  readonly subfolder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Prepares a project; nothing runs yet. */
export async function openProject(label: string, options: ProjectOptions = {}): Promise<ComposeProject> {
  const name = `banyan-test-${label}-${randomBytes(3).toString('hex')}`;
  const folder = await copyRepository(name);
  const cwd = join(folder, options.subfolder ?? '.');
  const port = await unusedPort();
  const image = `${name}-router`;
  const env = {
    BANYAN_PUBLISH: `127.0.0.1:${port}`,
    BANYAN_IMAGE: image,
    COMPOSE_PROJECT_NAME: name,
    ...options.env,
  };
  const compose = (args: readonly string[], more: RunOptions = {}): Promise<Ran> =>
    run(COMPOSE[0], [...COMPOSE.slice(1), ...args], {
      timeoutMs: 300_000,
      ...more,
      cwd,
      env: { ...env, ...more.env },
    });
  const containers = async (service: string): Promise<string[]> => {
    // By label, since asking Compose takes ten times as long.
    const labels = [`project=${name}`, `service=${service}`].flatMap((label) => [
      '--filter',
      `label=com.docker.compose.${label}`,
    ]);
    return (await docker('ps', '--all', '--quiet', '--no-trunc', ...labels)).split('\n').filter(Boolean);
  };
  const container = async (service: string): Promise<string> => (await containers(service))[0] ?? '';
  return {
    name,
    folder: cwd,
    url: `http://127.0.0.1:${port}`,
    port,
    image,
    compose,
    containers,
    container,
    edit: async (file, change) => writeFile(join(cwd, file), change(await readFile(join(cwd, file), 'utf8'))),
    replace: async (file, change) => {
      await writeFile(join(cwd, `${file}.new`), change(await readFile(join(cwd, file), 'utf8')));
      await rename(join(cwd, `${file}.new`), join(cwd, file));
    },
    admin: async (path) => {
      const ask = `fetch('http://127.0.0.1:9901${path}').then((a) => a.text()).then((t) => process.stdout.write(t))`;
      return docker('exec', await container('router'), 'node', '-e', ask);
    },
    down: async () => {
      await compose(['--profile', 'monitoring', 'down', '--volumes', '--remove-orphans', '--timeout', '3'], {
        mayFail: true,
      });
      await removeImages(name);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function copyRepository(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  // The router in its container is another user, who must be able to read what is mounted.
  await chmod(folder, 0o755);
  for (const part of PARTS) {
    await cp(join(REPOSITORY, part), join(folder, part), { recursive: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  }
  return folder;
}

/** Those that are named after the project. Their layers stay, and make the next build a quick one. */
async function removeImages(name: string): Promise<void> {
  const images = (await docker('images', '--format', '{{.Repository}}')).split('\n');
  const own = images.filter((image) => image.startsWith(`${name}_`) || image.startsWith(`${name}-`));
  if (own.length > 0) await run('docker', ['rmi', '--no-prune', ...own], { mayFail: true });
}

export function unusedPort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
