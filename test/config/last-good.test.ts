import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLastGood, saveLastGood } from '../../src/config/last-good.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-state-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('last good', () => {
  it('comes back as it was kept, also from a folder that was not there', async () => {
    const state = join(folder, 'a', 'b');
    const good = { text: 'legacy: $A\n', env: { A: 'x', B: null } };
    await saveLastGood(state, { text: 'older', env: {} });
    await saveLastGood(state, good);
    expect(await readLastGood(state)).toEqual(good);
  });

  it('leaves one file, which only its owner reads', async () => {
    await saveLastGood(folder, { text: 'x', env: {} });
    expect(await readdir(folder)).toEqual(['last-good.json']);
    expect((await stat(join(folder, 'last-good.json'))).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', '[]', '{"version":2,"text":"a","env":{}}', '{"version":1,"text":"a","env":{"A":1}}'])(
    'is none when the file holds %j',
    async (content) => {
      await writeFile(join(folder, 'last-good.json'), content);
      expect(await readLastGood(folder)).toBeNull();
    },
  );

  it('is none when there is none', async () => {
    expect(await readLastGood(folder)).toBeNull();
  });

  it('fails and leaves nothing behind when it cannot be moved into place', async () => {
    await mkdir(join(folder, 'last-good.json'));
    await writeFile(join(folder, 'last-good.json', 'x'), '');
    await expect(saveLastGood(folder, { text: 'x', env: {} })).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['last-good.json']);
  });
});
