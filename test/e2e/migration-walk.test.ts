/**
 * docs/migration.md, run: each command of the page in its order against the demo's shop, and what it prints beside what
 * the page says that it prints. `UPDATE_DOCS=1` writes what was printed into the page.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/source-files.ts';
import { ANY_PORTS, type RunningDemo, startDemo } from '../support/start-demo.ts';
import { until } from '../support/until.ts';

const PAGE = path.join(ROOT, 'docs/migration.md');
/** A block of commands, and the block below it with what they print, if there is one. */
const STEP = /```sh\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```\n)?/g;
/** How the page says to come by the shop and the command: the test has its own ways. */
const SET_UP = /^(?:npm|alias) /;

let demo: RunningDemo;
beforeAll(async () => {
  demo = await startDemo(ANY_PORTS);
});
afterAll(async () => {
  demo.child.kill('SIGTERM');
  await demo.exited;
});

/** What the commands print, both streams, with the page's addresses in it. */
async function printed(commands: string): Promise<string> {
  const script = `banyan() { "$NODE" "$CLI" "$@"; }\n${commands.replaceAll('http://localhost:8080', demo.url)}`;
  const env = {
    PATH: process.env['PATH'],
    NODE: process.execPath,
    CLI: path.join(ROOT, 'dist/cli.js'),
    ADMIN_LISTEN: new URL(demo.adminUrl).host,
  };
  const { stdout } = await promisify(execFile)('bash', ['-c', `{\n${script}\n} 2>&1`], {
    cwd: path.dirname(demo.routesFile),
    env,
  });
  return stdout
    .replaceAll(demo.adminUrl, 'http://127.0.0.1:9901')
    .replaceAll(demo.url, 'http://localhost:8080');
}

/** Without what differs from run to run. */
function comparable(text: string): string {
  return text.replace(/\b[0-9a-f]{12}\b/g, 'REVISION').replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME');
}

test('every step does what the page says', async () => {
  const page = await readFile(PAGE, 'utf8');
  let current = page;
  let steps = 0;
  for (const [whole, commands = '', said] of page.matchAll(STEP)) {
    if (SET_UP.test(commands)) continue;
    steps++;
    if (commands.includes('orders/faults')) await withANet();
    if (commands.includes('set orders done')) await withoutWhatServed();
    const output = await printed(commands);
    if (said === undefined) continue;
    const isSaid = comparable(output) === comparable(said);
    if (process.env['UPDATE_DOCS'] === undefined) expect(comparable(output), commands).toBe(comparable(said));
    else if (!isSaid)
      current = current.replace(whole, () => whole.replace(`text\n${said}`, () => `text\n${output}`));
  }
  expect(steps).toBeGreaterThan(10);
  if (current !== page) await writeFile(PAGE, current);
}, 90_000);

/** What the page says in words: somebody writes what stands in its block of YAML. */
async function withANet(): Promise<void> {
  const net = /```yaml\n([\s\S]*?)```/.exec(await readFile(PAGE, 'utf8'))?.[1] ?? '';
  expect(net).toContain('    fallback: true\n');
  const text = await readFile(demo.routesFile, 'utf8');
  await save(text.replace(/^ {2}orders:[\s\S]*?^ {4}stage: live.*\n/m, (found) => found + net));
}

/** What the page says in words: somebody deletes the route, the canary and the net. */
async function withoutWhatServed(): Promise<void> {
  const text = await readFile(demo.routesFile, 'utf8');
  const parts = [
    / {2}- name: cancelling\n(?: {4}.*\n)*\n/,
    / {4}canary:\n {6}.*\n/,
    / {4}fallback: true\n/,
    / {4}auto_rollback:\n(?: {6,}.*\n)+/,
  ].map((part) => part.exec(text)?.[0] ?? '');
  expect(parts.join('')).toMatch(/methods: \[DELETE\][\s\S]*share: 50%[\s\S]*fallback[\s\S]*max: 5%/);
  await save(parts.reduce((rest, part) => rest.replace(part, ''), text));
}

/** Writes routes.yaml, and waits until it is in force. */
async function save(text: string): Promise<void> {
  const revision = async (): Promise<unknown> =>
    ((await (await fetch(`${demo.adminUrl}/api/config`)).json()) as { revision: string }).revision;
  const before = await revision();
  await writeFile(demo.routesFile, text);
  await until(revision, (now) => now !== before);
}
