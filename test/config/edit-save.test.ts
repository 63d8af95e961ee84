import {
  chmod,
  chown,
  link,
  lstat,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SaveCalls, saveEdit } from '../../src/config/edit-save.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-save-'));
  file = path.join(folder, 'routes.yaml');
  await writeFile(file, 'old\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const save = (request: Partial<Parameters<typeof saveEdit>[0]> = {}, calls?: Partial<SaveCalls>) =>
  saveEdit({ path: file, from: 'old\n', to: 'new ü\n', ...request }, { open, rename, rm, ...calls });

function fault(code: string): () => Promise<never> {
  return async () => {
    throw Object.assign(new Error(code), { code });
  };
}

/** Only this file of the folder is left: nothing temporary. */
async function alone(name = 'routes.yaml'): Promise<void> {
  expect(await readdir(folder)).toEqual([name]);
}

describe('saving an edit', () => {
  it('replaces the file whole: who has the old one open goes on reading it', async () => {
    const before = await open(file, 'r');
    const { ino } = await stat(file);
    expect(await save()).toEqual({ kind: 'saved' });
    expect(await readFile(file, 'utf8')).toBe('new ü\n');
    expect((await stat(file)).ino).not.toBe(ino);
    expect(await before.readFile('utf8')).toBe('old\n');
    await before.close();
    await alone();
  });

  it('keeps the mode, whatever the umask is', async () => {
    await chmod(file, 0o666);
    await save();
    expect((await stat(file)).mode & 0o7777).toBe(0o666);
    await chmod(file, 0o600);
    await save({ from: 'new ü\n', to: 'more\n' });
    expect((await stat(file)).mode & 0o7777).toBe(0o600);
  });

  it('keeps owner and group', async () => {
    const own = await stat(file);
    // Only root can give a file away.
    const [uid, gid] = process.getuid?.() === 0 ? [1234, 4321] : [own.uid, own.gid];
    await chown(file, uid, gid);
    expect(await save()).toEqual({ kind: 'saved' });
    expect(await stat(file)).toMatchObject({ uid, gid });
  });

  it('follows a symbolic link, and leaves it one', async () => {
    const other = await mkdtemp(path.join(tmpdir(), 'banyan-save-to-'));
    const real = path.join(other, 'real.yaml');
    await rename(file, real);
    await symlink(real, file);
    expect(await save()).toEqual({ kind: 'saved' });
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toBe('new ü\n');
    expect(await readdir(other)).toEqual(['real.yaml']);
    await rm(other, { recursive: true });
  });

  it('makes a file that was not there, and deletes one', async () => {
    await rm(file);
    expect(await save({ from: null })).toEqual({ kind: 'saved' });
    expect(await readFile(file, 'utf8')).toBe('new ü\n');
    expect(await save({ from: 'new ü\n', to: null })).toEqual({ kind: 'saved' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives a new file the mode and owner of its neighbour, as far as that is allowed', async () => {
    const fresh = path.join(folder, 'LEGACY_ONLY');
    const own = await stat(file);
    const [uid, gid] = process.getuid?.() === 0 ? [1234, 4321] : [own.uid, own.gid];
    await chown(file, uid, gid);
    await chmod(file, 0o664);
    const mask = process.umask(0o077);
    try {
      expect(await saveEdit({ path: fresh, from: null, to: '', like: file })).toEqual({ kind: 'saved' });
    } finally {
      process.umask(mask);
    }
    expect(await stat(fresh)).toMatchObject({ uid, gid });
    expect((await stat(fresh)).mode & 0o7777).toBe(0o664);
    await rm(fresh);
    expect(await saveEdit({ path: fresh, from: null, to: '', like: '/nowhere' })).toEqual({ kind: 'saved' });
  });

  it('does nothing when somebody else wrote meanwhile: before, or while it wrote', async () => {
    expect(await save({ from: 'older\n' })).toEqual({ kind: 'changed_meanwhile' });
    expect(await save({ from: null })).toEqual({ kind: 'changed_meanwhile' });
    const late: Partial<SaveCalls> = {
      open: async (at, flags, mode) => {
        if (flags === 'wx') await writeFile(file, 'theirs\n');
        return open(at, flags, mode);
      },
    };
    expect(await save({}, late)).toEqual({ kind: 'changed_meanwhile' });
    expect(await readFile(file, 'utf8')).toBe('theirs\n');
    await alone();
  });

  it.each([
    ['rename', 'EBUSY', 'it is mounted by itself'],
    ['open', 'EACCES', 'nothing can be made in its folder'],
    ['open', 'EROFS', 'nothing can be made in its folder'],
  ] as const)('writes in place when %s fails with %s, and says why', async (call, code, why) => {
    const calls: Partial<SaveCalls> =
      call === 'rename'
        ? { rename: fault(code) }
        : { open: (at, flags, mode) => (flags === 'wx' ? fault(code)() : open(at, flags, mode)) };
    const { ino } = await stat(file);
    expect(await save({ to: 'n\n' }, calls)).toEqual({ kind: 'in_place', why });
    expect(await readFile(file, 'utf8')).toBe('n\n');
    expect((await stat(file)).ino).toBe(ino);
    await alone();
  });

  it('of two edits at once lets one in, and the other sees what it wrote', async () => {
    const all = await Promise.all(['a\n', 'b\n', 'c\n', 'd\n'].map((to) => save({ to })));
    expect(all.map(({ kind }) => kind).sort()).toEqual([
      'changed_meanwhile',
      'changed_meanwhile',
      'changed_meanwhile',
      'saved',
    ]);
    const text = await readFile(file, 'utf8');
    const gone = await Promise.all([save({ from: text, to: null }), save({ from: text, to: 'e\n' })]);
    expect(gone.map(({ kind }) => kind).sort()).toEqual(['changed_meanwhile', 'saved']);
  });

  it('does not wait for an edit that was killed long ago', async () => {
    const left = path.join(folder, '.routes.yaml.banyan-edit');
    await writeFile(left, 'half');
    const longAgo = Date.now() / 1000 - 60;
    await utimes(left, longAgo, longAgo);
    expect(await save()).toEqual({ kind: 'saved' });
    await alone();
  });

  it('keeps hard links what they are', async () => {
    await link(file, path.join(folder, 'other.yaml'));
    expect(await save()).toEqual({ kind: 'in_place', why: 'it has other names (hard links)' });
    expect(await readFile(path.join(folder, 'other.yaml'), 'utf8')).toBe('new ü\n');
  });

  it.each(['ENOSPC', 'EDQUOT', 'EIO'])('fails with %s and leaves the file as it was', async (code) => {
    const calls: Partial<SaveCalls> = {
      open: (at, flags, mode) => (flags === 'wx' ? fault(code)() : open(at, flags, mode)),
    };
    expect(await save({}, calls)).toEqual({ kind: 'failed', code });
    expect(await readFile(file, 'utf8')).toBe('old\n');
    await alone();
  });

  it('fails when neither the folder nor the file can be written', async () => {
    const calls: Partial<SaveCalls> = {
      open: (at, flags, mode) => (flags === 'r' ? open(at, flags, mode) : fault('EACCES')()),
    };
    expect(await save({}, calls)).toEqual({ kind: 'failed', code: 'EACCES' });
  });
});
