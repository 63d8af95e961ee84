import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { heapForParsingMiB } from '../../src/config/parse-in-thread.ts';
import { SnapshotReader } from '../../src/config/routes-snapshot.ts';

/** Files in the routes file's folder that are far larger than anybody would write. */

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('a LEGACY_ONLY of a million names means everything, at once, instead of a million warnings', async () => {
  await writeFile(path.join(folder, 'LEGACY_ONLY'), 'x\n'.repeat(1_000_000));
  const snapshot = await new SnapshotReader(path.join(folder, 'routes.yaml')).read();
  expect(snapshot.legacyOnly).toBe('');
});

it('a LEGACY_ONLY of ten thousand names is read', async () => {
  await writeFile(path.join(folder, 'LEGACY_ONLY'), 'x\n'.repeat(10_000));
  const snapshot = await new SnapshotReader(path.join(folder, 'routes.yaml')).read();
  expect(snapshot.legacyOnly).toHaveLength(20_000);
});

it.each([
  ['a small container', 256, 64],
  ['a container of 512 MiB', 512, 192],
  ['a large machine', 64 * 1024, 2_048],
  ['next to nothing', 64, 64],
])('parsing takes no more memory than there is: %s', (_what, memoryMiB, heapMiB) => {
  expect(heapForParsingMiB(memoryMiB * 2 ** 20)).toBe(heapMiB);
});
