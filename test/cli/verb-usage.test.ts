import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';

/** What the verbs that edit say to wrong arguments, with no router at hand. */

const ROUTES = `legacy: http://legacy:8080
features:
  orders:
    url: http://orders:3000
    stage: legacy
routes:
  - match: { prefix: /api/orders }
    to: orders
  - name: archive
    match: { prefix: /api/orders/archive }
    to: orders
`;

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-usage-'));
  file = path.join(folder, 'routes.yaml');
  await writeFile(file, ROUTES);
});
afterAll(() => rm(folder, { recursive: true }));

async function banyan(
  args: readonly string[],
  terminal = false,
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await runProgram(args, {
    io: {
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
      env: { ROUTES_FILE: file, ADMIN_LISTEN: '127.0.0.1:1' },
      terminal,
      onSignal: () => {},
    },
    onServing: () => {},
    startIn: () => {
      throw new Error('nothing may be started here');
    },
    cwd: folder,
    node: 'node',
  });
  return { code, ...said };
}

it.each([
  [['set', 'ordrs', 'live'], 'banyan set: no feature is named "ordrs" (did you mean "orders"?)\n'],
  [['set', 'archive', 'live'], 'banyan set: "archive" is a route: stages are its feature\'s, "orders"\n'],
  [['set', 'orders', 'lives'], 'banyan set: "lives" is not a stage (did you mean "live"?)\n'],
  [['set', 'orders', 'x'], 'banyan set: "x" is not a stage: legacy, shadow, canary, live, done\n'],
  [
    ['set', 'orders', 'canary', '--share', '10'],
    'banyan set: --share: "10" is not a percentage from 0% to 100% with its % and at most two decimals, such as 10%\n',
  ],
  [
    ['set', 'orders', 'live', '--share', '10%'],
    'banyan set: --share goes with the stage canary: banyan set FEATURE canary --share 10%\n',
  ],
  [
    ['set', 'orders', 'live', '--timeout', 'soon'],
    'banyan set: --timeout: "soon" is not a duration (500ms, 2s, 1m)\n',
  ],
  [['set', 'orders', 'live', '--admin', 'x:y'], 'banyan set: --admin: "x:y" is not a port (0–65535)\n'],
  [
    ['rollback', 'archiv'],
    'banyan rollback: no feature or route is named "archiv" (did you mean "archive"?)\n',
  ],
  [
    ['carve', '/x', '--to', 'ordrs'],
    'banyan carve: no feature is named "ordrs" (did you mean "orders"?). A new one needs its address: --url http://ordrs:3000\n',
  ],
  [
    ['carve', '/x/*', '--to', 'orders'],
    'banyan carve: "/x/*": a "*" is no wildcard here: "prefix" takes everything below it, :id one segment\n',
  ],
  [['carve', '/x', '--to', 'pay', '--url', 'pay:3000'], expect.stringContaining('banyan carve: --url: ')],
  [
    ['legacy-only', 'orders'],
    'banyan legacy-only: "orders": say on or off, then names: banyan legacy-only on orders\n',
  ],
  [
    ['legacy-only', 'on', 'ordrs'],
    'banyan legacy-only: no feature or route is named "ordrs" (did you mean "orders"?)\n',
  ],
])('%j is wrong usage: exit code 2, and nothing is written', async (args, err) => {
  expect(await banyan(args)).toEqual({ code: 2, out: '', err });
  expect(await readFile(file, 'utf8')).toBe(ROUTES);
});

it.each([
  [['set'], "banyan: missing required argument 'FEATURE'\n"],
  [['set', 'orders'], "banyan: missing required argument 'STAGE'\n"],
  [['rollback'], "banyan: missing required argument 'FEATURE|ROUTE'\n"],
  [['legacy-only'], "banyan: missing required argument 'on|off'\n"],
  [['carve', '/x'], "banyan: required option '--to <NAME>' not specified\n"],
  [['status', 'orders'], "banyan: too many arguments for 'status'. Expected 0 arguments but got 1.\n"],
  [['set', 'orders', 'live', '--dry'], "banyan: unknown option '--dry'\n"],
])('%j lacks something, or has too much', async (args, err) => {
  const { code, out, err: said } = await banyan(args);
  expect([code, out, said.startsWith(err)]).toEqual([2, '', true]);
});

it('colours the diff on a terminal alone', async () => {
  const args = ['set', 'orders', 'live', '--dry-run'];
  expect((await banyan(args)).out).toContain('\n+    stage: live\n');
  expect((await banyan(args, true)).out).toContain('\n\u001b[32m+    stage: live\u001b[0m\n');
});
