/**
 * `banyan demo`: the example shop behind a router, without Docker.
 *
 *   free ports ─▶ the shop's services as child processes ─▶ serve(), with their addresses in the environment of
 *   routes.yaml ─▶ on Ctrl-C the router drains, then the services end
 *
 * In a clone it follows the clone's own routes.yaml, the one that Compose uses as well. Anywhere else it puts a copy
 * into ./banyan-demo, for the user to edit.
 */
import { constants, copyFile, mkdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type CliIo, EXIT } from './cli-io.ts';
import { findPackageRoot, freePort, type Shop, startShop } from './demo-shop.ts';
import { demoText } from './demo-text.ts';
import { type ServeDeps, type StartRouter, serve } from './serve.ts';

const LISTEN_PORT = 8080;
const ADMIN_PORT = 9901;

/** What the demo hangs on. */
export interface DemoDeps extends Omit<ServeDeps, 'start'> {
  /** How a router starts that reads `${…}` of routes.yaml from this environment. */
  readonly startIn: (env: CliIo['env']) => StartRouter;
  /** The folder where the user is. */
  readonly cwd: string;
  /** The program `node`. */
  readonly node: string;
}

type Flags = Readonly<Record<string, unknown>>;

/** Runs the shop and a router in front of it until a signal; resolves with the exit code. `flags` are serve's. */
export async function demo(flags: Flags, deps: DemoDeps): Promise<number> {
  const { io } = deps;
  const root = findPackageRoot();
  if (root === null) {
    io.err('banyan: this installation has no example shop (examples/shop): run the demo in a clone\n');
    return EXIT.failed;
  }
  const places = await preparePlaces(root, flags, deps);
  const ending = new Ending(io);
  try {
    const shop = await startShop({
      shopDir: join(root, 'examples', 'shop'),
      dataDir: places.dataDir,
      node: deps.node,
      env: io.env,
      events: { say: (text) => io.err(`${text}\n`), onGivenUp: () => ending.end() },
    });
    return await serveShop(shop, { places, flags, deps, ending });
  } catch (error) {
    io.err(`banyan: the shop does not start: ${(error as Error).message}\n`);
    return EXIT.failed;
  }
}

interface Places {
  readonly routesFile: string;
  readonly dataDir: string;
  readonly listen: string | null;
  readonly admin: string | null;
  readonly notes: readonly string[];
}

/** Finds the routes file, the data's folder, and the ports unless the user named them. */
async function preparePlaces(root: string, flags: Flags, { io, cwd }: DemoDeps): Promise<Places> {
  const isClone = root === cwd;
  const folder = isClone ? join(root, '.state') : join(cwd, 'banyan-demo');
  await mkdir(folder, { recursive: true });
  const given = flags['routes'] ?? io.env['ROUTES_FILE'];
  const routesFile = given
    ? String(given)
    : isClone
      ? join(root, 'routes.yaml')
      : await ownCopy(root, folder);
  const notes: string[] = [];
  const listen = await localAddress('listen', LISTEN_PORT, flags['listen'] ?? io.env['LISTEN'], notes);
  const admin = await localAddress('admin', ADMIN_PORT, flags['admin'] ?? io.env['ADMIN_LISTEN'], notes);
  return { routesFile, dataDir: join(folder, 'demo'), listen, admin, notes };
}

/** Kept if it is there: the user may have edited it. */
async function ownCopy(root: string, folder: string): Promise<string> {
  const copy = join(folder, 'routes.yaml');
  await copyFile(join(root, 'routes.yaml'), copy, constants.COPYFILE_EXCL).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return copy;
}

/** null: the user said where. */
async function localAddress(
  flag: string,
  port: number,
  given: unknown,
  notes: string[],
): Promise<string | null> {
  if (given) return null;
  const free = await freePort(port);
  if (free !== port)
    notes.push(`port ${port} is taken: ${free} instead (--${flag} HOST:PORT chooses another)`);
  return `127.0.0.1:${free}`;
}

interface Serving {
  readonly places: Places;
  readonly flags: Flags;
  readonly deps: DemoDeps;
  readonly ending: Ending;
}

async function serveShop(shop: Shop, { places, flags, deps, ending }: Serving): Promise<number> {
  const env = { ...deps.io.env, ...shop.urls };
  const start: StartRouter = async (settings, logs) => {
    const router = await deps.startIn(env)(settings, logs);
    deps.io.out(await describe(shop, { places, listen: router.listen, admin: router.admin, cwd: deps.cwd }));
    return router;
  };
  const demoFlags = {
    ...flags,
    routes: places.routesFile,
    listen: places.listen ?? flags['listen'],
    admin: places.admin ?? flags['admin'],
    logLevel: flags['logLevel'] ?? deps.io.env['LOG_LEVEL'] ?? 'warn',
  };
  try {
    const code = await serve(demoFlags, {
      onServing: deps.onServing,
      start,
      io: { ...deps.io, env, onSignal: ending.onSignal },
    });
    return ending.isForced ? EXIT.failed : code;
  } finally {
    await shop.stop();
  }
}

interface Served {
  readonly places: Places;
  readonly listen: string;
  readonly admin: string;
  readonly cwd: string;
}

async function describe(shop: Shop, { places, listen, admin, cwd }: Served): Promise<string> {
  const notes = shop.replaced === null ? places.notes : [...places.notes, shop.replaced];
  return demoText({
    listen: listen.replace('0.0.0.0', 'localhost'),
    admin,
    routesFile: relative(cwd, places.routesFile) || places.routesFile,
    routesText: await readFile(places.routesFile, 'utf8'),
    urls: shop.urls,
    notes,
  });
}

/** Ends serving from within, and when the terminal goes, as a SIGTERM would. */
class Ending {
  readonly onSignal: CliIo['onSignal'];
  #stop: (() => void) | null = null;
  #forced = false;

  constructor(io: CliIo) {
    this.onSignal = (signal, then) => {
      if (signal === 'SIGTERM') this.#stop ??= then;
      // A terminal that was closed: nobody is left to end the demo. (The file is followed without a signal.)
      io.onSignal(signal, signal === 'SIGHUP' ? () => this.#stop?.() : then);
    };
  }

  get isForced(): boolean {
    return this.#forced;
  }

  end(): void {
    this.#forced = true;
    this.#stop?.();
  }
}
