import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from '../../src/config/write-whole.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-write-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a file is made with its folder, for its owner alone, and replaced whole', async () => {
  const file = path.join(folder, 'state', 'a.json');
  await writeWhole(file, 'one');
  await writeWhole(file, 'two');
  expect(await readFile(file, 'utf8')).toBe('two');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(path.dirname(file))).toEqual(['a.json']);
});

test('what cannot be written leaves nothing behind', async () => {
  await writeFile(path.join(folder, 'file'), '');
  await expect(writeWhole(path.join(folder, 'file', 'a.json'), 'x')).rejects.toThrow(/ENOTDIR|EEXIST/);
  await writeWhole(path.join(folder, 'dir', 'inner'), 'x');
  await expect(writeWhole(path.join(folder, 'dir'), 'x')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect((await readdir(folder)).sort()).toEqual(['dir', 'file']);
});
