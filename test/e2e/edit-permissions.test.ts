import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Finished, runBanyan } from '../support/run-banyan.ts';

/** Verbs where they may not write, or not all that they would. Root may everything, so it becomes somebody else here. */

const NOBODY = 65_534;
const ROUTES =
  'legacy: http://legacy:8080\nfeatures:\n  orders:\n    url: http://orders:3000\n    stage: live   # it\n';
const ROLLED_BACK = ROUTES.replace('live', 'legacy');

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-modes-'));
  await chmod(folder, 0o755);
  file = path.join(folder, 'routes.yaml');
  await writeFile(file, ROUTES);
});
afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true });
});

function banyan(...args: string[]): Promise<Finished> {
  const who = process.getuid?.() === 0 ? { uid: NOBODY } : {};
  return runBanyan([...args, '--routes', file, '--no-wait'], who);
}

/** The indented line that the message ends with. */
function lineIn({ err }: Finished): string {
  return / {4}(\S.*)\n/.exec(err)?.[1] ?? '';
}

it('says the line to run instead where neither the folder nor the file can be written, and the line does it', async () => {
  await chmod(file, 0o444);
  await chmod(folder, 0o555);
  const result = await banyan('rollback', 'orders');
  expect(result.code).toBe(1);
  expect(result.err).toContain(
    `banyan rollback: ${file} cannot be written: permission denied. Run this as somebody who may (a container’s folder: on the host, on the folder that is mounted there):\n`,
  );
  expect(result.out).toContain('+    stage: legacy   # it\n');
  expect(await readFile(file, 'utf8')).toBe(ROUTES);
  await chmod(folder, 0o755);
  execFileSync('sh', ['-c', lineIn(result)]);
  expect(await readFile(file, 'utf8')).toBe(ROLLED_BACK);
});

it('does so for LEGACY_ONLY', async () => {
  await chmod(folder, 0o555);
  const results = [await banyan('legacy-only', 'on', 'orders')];
  await chmod(folder, 0o755);
  execFileSync('sh', ['-c', lineIn(results[0] as Finished)]);
  expect(await readFile(path.join(folder, 'LEGACY_ONLY'), 'utf8')).toBe('orders\n');
  await chmod(folder, 0o555);
  results.push(await banyan('legacy-only', 'off'));
  await chmod(folder, 0o755);
  execFileSync('sh', ['-c', lineIn(results[1] as Finished)]);
  expect(await readdir(folder)).toEqual(['routes.yaml']);
  expect(results.map(({ code }) => code)).toEqual([1, 1]);
});

it('writes a file over in a folder that takes no other, with a warning', async () => {
  await chmod(file, 0o666);
  await chmod(folder, 0o555);
  const { ino } = await stat(file);
  const { code, err } = await banyan('rollback', 'orders');
  expect(code).toBe(0);
  expect(err).toBe(
    `warning: ${file} was written over in place, not replaced whole, since nothing can be made in its folder\n`,
  );
  expect(await readFile(file, 'utf8')).toBe(ROLLED_BACK);
  expect((await stat(file)).ino).toBe(ino);
});

it('a file that cannot be read, or is none, is no file', async () => {
  await chmod(file, 0o000);
  const unreadable = await banyan('rollback', 'orders');
  expect([unreadable.code, unreadable.err]).toEqual([
    78,
    `banyan rollback: ${file} cannot be read: permission denied\n`,
  ]);
  await rm(file);
  const absent = await banyan('rollback', 'orders');
  expect([absent.code, absent.err]).toEqual([78, `banyan rollback: ${file} does not exist\n`]);
});
