import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { routesView } from '../../src/admin/views.ts';
import { carve } from '../../src/cli/carve.ts';
import { parseRoutes } from '../../src/config/parse-routes.ts';
import { NEVER_ROLLED_BACK, planAll } from '../../src/decide/plan-routes.ts';

/** `banyan carve` before a router that reads the file in an environment of its own, and takes its time. */

const FILE = `legacy: http://legacy:80
features:
  orders: { url: http://orders:3000, stage: legacy }
routes:
  - match: { prefix: /api/orders, methods: [GET] }
    to: orders
`;

let folder: string;
let file: string;
let server: Server;
let asked: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-carve-'));
  file = join(folder, 'routes.yaml');
  await writeFile(file, FILE);
  asked = [];
  server = createServer((request, response) => {
    void pageOf(request.url ?? '').then((page) => response.end(JSON.stringify(page)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** The first pages are of the table before the edit: the router has not read the file yet. */
async function pageOf(path: string): Promise<object> {
  asked.push(path);
  const isRead = asked.filter((one) => one === '/api/config').length > 3;
  const text = isRead ? await readFile(file, 'utf8') : FILE;
  const { table } = parseRoutes(text, { file, env: {}, legacyOnlyFile: null });
  if (table === null) throw new Error('the file is broken');
  const last = { result: 'applied', time: isRead ? 'T1' : 'T0', issues: [], text: '' };
  if (path === '/api/config') return { revision: 'of its own', last_reload: last, legacy_only: null };
  if (path !== '/api/routes') return { backends: [] };
  return routesView({
    table: () => table,
    decisions: () => planAll(table, NEVER_ROLLED_BACK).map(({ decision }) => decision),
    rollbacks: () => [],
    shadows: () => [],
  } as never);
}

it('is in force when the router has a route of its methods, not one that was there before', async () => {
  const out: string[] = [];
  const given = { path: '/api/orders', to: 'orders', url: null, exact: false, hosts: [], name: null };
  const options = { verb: 'carve', file, dryRun: false, json: false, wait: true, timeoutMs: 5_000 };
  const { port } = server.address() as AddressInfo;
  const admin = { host: '127.0.0.1', port };
  const io = { out: (text: string) => void out.push(text), err: () => {}, env: {}, terminal: false };
  const code = await carve(
    { ...given, methods: ['POST'] },
    { ...options, admin, isAdminGiven: true },
    { io },
  );
  expect([code, out.at(-1)]).toEqual([0, 'In force: legacy answers.\n']);
  expect(asked.filter((path) => path === '/api/routes')).toHaveLength(2);
});
