import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMountedFile, mountPoints } from '../../src/config/mounted-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'banyan mount-')));
});

afterEach(() => rm(folder, { recursive: true }));

function lineFor(point: string): string {
  return `36 35 98:0 /x ${point.replaceAll(' ', '\\040')} rw,noatime master:1 - ext4 /dev/root rw\n`;
}

describe('isMountedFile', () => {
  it('tells a file that is a mount point from one in a mounted folder', async () => {
    const file = join(folder, 'routes.yaml');
    const table = join(folder, 'mountinfo');
    await writeFile(file, '');
    await writeFile(table, lineFor('/') + lineFor(folder));
    expect(await isMountedFile(file, table)).toBe(false);
    await writeFile(table, lineFor('/') + lineFor(file));
    expect(await isMountedFile(file, table)).toBe(true);
  });

  it('says no when it cannot know', async () => {
    expect(await isMountedFile(join(folder, 'none'))).toBe(false);
    expect(await isMountedFile(folder, join(folder, 'no-mountinfo'))).toBe(false);
  });
});

it('reads the octal escapes of mountinfo', () => {
  expect(mountPoints(lineFor('/a b'))).toContain('/a b');
  expect(mountPoints('1 2 3:4 / /a\\134b rw - x y z\n')).toContain('/a\\b');
});
