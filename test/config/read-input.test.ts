import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode, MAX_FILE_BYTES, readTextFile } from '../../src/config/read-input.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-read-'));
  file = join(folder, 'routes.yaml');
});

afterEach(() => rm(folder, { recursive: true }));

describe('readTextFile', () => {
  it('gives the text, byte order mark and all', async () => {
    await writeFile(file, '\uFEFFlegacy: é\n');
    expect(await readTextFile(file)).toEqual({ text: '\uFEFFlegacy: é\n' });
  });

  it('says that there is none', async () => {
    expect(await readTextFile(file)).toEqual({ problem: 'does not exist', isAbsent: true });
    await symlink(join(folder, 'nowhere'), file);
    expect(await readTextFile(file)).toMatchObject({ isAbsent: true });
  });

  it('refuses a folder', async () => {
    await mkdir(file);
    expect(await readTextFile(file)).toMatchObject({
      problem: expect.stringContaining('is a directory'),
      isAbsent: false,
    });
  });

  it('refuses a FIFO without waiting for it', async () => {
    execFileSync('mkfifo', [file]);
    expect(await readTextFile(file)).toMatchObject({ problem: 'is not a regular file' });
  });

  it('refuses links that go in a circle', async () => {
    await symlink(file, file);
    expect(await readTextFile(file)).toMatchObject({ problem: expect.stringContaining('circle') });
  });

  it('refuses what is too large without reading it', async () => {
    await writeFile(file, '');
    await truncate(file, MAX_FILE_BYTES + 1);
    expect(await readTextFile(file)).toMatchObject({ problem: expect.stringContaining('too large') });
  });
});

describe('decode', () => {
  it.each([
    [[0xff, 0xfe, 0x61, 0x00], 'is UTF-16: save it as UTF-8'],
    [[0xfe, 0xff, 0x00, 0x61], 'is UTF-16: save it as UTF-8'],
    [[0x61, 0xe9, 0x62], 'is not UTF-8'],
  ])('%j %s', (bytes, problem) => {
    expect(decode(Uint8Array.from(bytes))).toEqual({ problem, isAbsent: false });
  });
});
