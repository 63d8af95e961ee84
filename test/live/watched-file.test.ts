import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFile } from '../../src/live/watched-file.ts';

let folder: string;
let file: string;
let now = 0;
let parsed = 0;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-watched-'));
  file = path.join(folder, 'hosts');
  now = 0;
  parsed = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function watched() {
  const parse = (text: string): string => {
    parsed++;
    return text.trim();
  };
  return watchFile({ path: file, parse, checkEveryMs: 500, now: () => now });
}

describe('watchFile', () => {
  it('reads a file once while it does not change', async () => {
    await writeFile(file, 'one');
    const content = watched();
    expect(await content.content()).toBe('one');
    const before = parsed;
    now += 10_000;
    expect(await content.content()).toBe('one');
    expect(parsed).toBe(before);
  });

  it('sees another content at the next check, also one of the same length', async () => {
    await writeFile(file, 'one');
    const content = watched();
    await content.content();
    await writeFile(file, 'two');
    await utimes(file, 1, 1);
    now += 500;
    expect(await content.content()).toBe('two');
  });

  it('does not look before the next check is due', async () => {
    await writeFile(file, 'one');
    const content = watched();
    await content.content();
    await writeFile(file, 'other');
    now += 499;
    expect(await content.content()).toBe('one');
  });

  it('sees a file that was put in its place', async () => {
    await writeFile(file, 'one');
    const content = watched();
    await content.content();
    await writeFile(`${file}.new`, 'two');
    await rename(`${file}.new`, file);
    now += 500;
    expect(await content.content()).toBe('two');
  });

  it('takes a missing file for an empty one, and reads it when it comes', async () => {
    const content = watched();
    expect(await content.content()).toBe('');
    await writeFile(file, 'one');
    now += 500;
    expect(await content.content()).toBe('one');
  });
});
