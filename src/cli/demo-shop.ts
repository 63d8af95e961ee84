/** The example shop as local processes: which services there are, and how each is run on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Service, type ServiceEvents, type ServiceSpec, startService } from './demo-service.ts';

const LOOPBACK = '127.0.0.1';

/** The folder that holds package.json and examples/shop; null if this installation has no example. */
export function findPackageRoot(from: string = fileURLToPath(import.meta.url)): string | null {
  for (let folder = dirname(from); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'examples', 'shop', 'legacy', 'server.mjs'))) return folder;
  }
  return null;
}

/** How many ports after the wanted one are tried before any will do. */
const NEIGHBOURS = 9;

/** A port of the loopback address that nobody listens on: `wanted` if it is free, else one near it, else any. */
export async function freePort(wanted = 0): Promise<number> {
  for (let port = wanted; wanted > 0 && port <= wanted + NEIGHBOURS; port++) {
    const free = await tryPort(port).catch(() => null);
    if (free !== null) return free;
  }
  return tryPort(0);
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, LOOPBACK, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** What the shop needs. */
export interface ShopOptions {
  /** examples/shop. */
  readonly shopDir: string;
  /** Where the services keep their data. */
  readonly dataDir: string;
  /** The program `node`. */
  readonly node: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly events: ServiceEvents;
}

/** The shop, running. */
export interface Shop {
  /** LEGACY_URL, ORDERS_URL and SEARCH_URL, as routes.yaml looks them up. */
  readonly urls: Readonly<Record<string, string>>;
  /** What was replaced since this machine lacks it; null if nothing was. */
  readonly replaced: string | null;
  stop(): Promise<void>;
}

/** Starts all of it. @throws Error if a service does not start; those that did are ended. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const python = hasPython(options.env);
  const specs = [
    await serviceSpec('legacy', [options.node, 'legacy/server.mjs'], options),
    await serviceSpec('orders', [options.node, 'orders/server.mjs'], options),
    await serviceSpec(
      'search',
      python ? ['python3', 'search/server.py'] : [options.node, 'search/stand-in.mjs'],
      options,
    ),
  ];
  const services = await startAll(specs, options.events);
  return {
    urls: Object.fromEntries(specs.map(({ name, url }) => [`${name.toUpperCase()}_URL`, url])),
    replaced: python ? null : 'python3 is not here: a stand-in on Node replaces the search service',
    stop: async () => void (await Promise.all(services.map((service) => service.stop()))),
  };
}

type LocalSpec = ServiceSpec & { readonly url: string };

async function serviceSpec(
  name: string,
  [command = '', ...args]: readonly string[],
  { shopDir, dataDir, env }: ShopOptions,
): Promise<LocalSpec> {
  const port = await freePort();
  const url = `http://${LOOPBACK}:${port}`;
  return {
    name,
    command,
    args,
    cwd: shopDir,
    url,
    env: {
      ...env,
      HOST: LOOPBACK,
      PORT: String(port),
      DATA_DIR: join(dataDir, name),
      SHOP_OWN_ADDRESS: url,
      SHOP_FAULTS: '1',
      SHOP_ENDS_WITH_STDIN: '1',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  };
}

async function startAll(specs: readonly ServiceSpec[], events: ServiceEvents): Promise<Service[]> {
  const started = await Promise.allSettled(specs.map((spec) => startService(spec, events)));
  const services = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = started.find((result) => result.status === 'rejected');
  if (!failed) return services;
  await Promise.all(services.map((service) => service.stop()));
  throw failed.reason;
}

/** Python as the search service needs it. */
function hasPython(env: ShopOptions['env']): boolean {
  const test = 'import sys, sqlite3, http.server; sys.exit(sys.version_info < (3, 8))';
  return (
    spawnSync('python3', ['-c', test], { env: { ...env }, stdio: 'ignore', timeout: 5_000 }).status === 0
  );
}
