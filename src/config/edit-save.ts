/**
 * Puts a new text in place of a file's, whole or not at all: a file beside it, flushed to the disk, takes its name. So a
 * router that looks at any moment sees the old text or the new one. Owner, group and mode stay, and a symbolic link goes
 * on pointing where it did.
 *
 * Some files cannot be replaced by a rename: one that is mounted by itself (EBUSY), one in a folder where nothing can be
 * made, one with other names (hard links), one whose owner could not be kept. They are written over in place, which is
 * said, since a crash in that moment leaves a part.
 */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The system calls that can go wrong in ways of their own: tests hand in ones that do. */
export interface SaveCalls {
  readonly open: (path: string, flags: string, mode?: number) => Promise<FileHandle>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly rm: (path: string) => Promise<void>;
}

const CALLS: SaveCalls = { open, rename, rm };

/** What became of it. */
export type Saved =
  | { readonly kind: 'saved' }
  /** Written over instead of replaced, and why. */
  | { readonly kind: 'in_place'; readonly why: string }
  /** Somebody else wrote the file meanwhile: nothing was done. */
  | { readonly kind: 'changed_meanwhile' }
  /** It cannot be written: the system's code (EACCES, EROFS, ENOSPC …). */
  | { readonly kind: 'failed'; readonly code: string };

/** What is to be written where. */
export interface SaveRequest {
  readonly path: string;
  /** What the file held when it was read; null: there was none. It is not written if it holds something else. */
  readonly from: string | null;
  /** null: the file is deleted. */
  readonly to: string | null;
}

/** Writes, or deletes, a file. Never rejects on what a file system can do. */
export async function saveEdit(request: SaveRequest, calls: SaveCalls = CALLS): Promise<Saved> {
  try {
    const path = await realpath(request.path).catch(() => request.path);
    const { from, to } = request;
    if ((await textOf(path, calls)) !== from) return { kind: 'changed_meanwhile' };
    if (to === null) return await removed(path, calls);
    return await replaced({ path, from, to }, calls);
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) };
  }
}

async function removed(path: string, calls: SaveCalls): Promise<Saved> {
  await calls.rm(path);
  await flushFolder(path, calls);
  return { kind: 'saved' };
}

interface Replacing {
  readonly path: string;
  readonly from: string | null;
  readonly to: string;
}

async function replaced({ path, from, to }: Replacing, calls: SaveCalls): Promise<Saved> {
  const old = from === null ? null : await stat(path);
  if (old !== null && old.nlink > 1)
    return inPlace(path, to, { why: 'it has other names (hard links)', calls });
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeTemporary(temporary, { to, old, calls });
    if ((await textOf(path, calls)) !== from) {
      await calls.rm(temporary);
      return { kind: 'changed_meanwhile' };
    }
    await calls.rename(temporary, path);
  } catch (error) {
    await calls.rm(temporary).catch(() => {});
    const why = reasonForInPlace(codeOf(error));
    if (old === null || why === null) throw error;
    return inPlace(path, to, { why, calls });
  }
  await flushFolder(path, calls);
  return { kind: 'saved' };
}

const IN_PLACE: Readonly<Record<string, string>> = {
  EBUSY: 'it is mounted by itself',
  EXDEV: 'it is mounted by itself',
  EACCES: 'nothing can be made in its folder',
  EPERM: 'its owner could not be kept otherwise',
  EROFS: 'nothing can be made in its folder',
};

function reasonForInPlace(code: string): string | null {
  return IN_PLACE[code] ?? null;
}

async function writeTemporary(
  temporary: string,
  { to, old, calls }: { readonly to: string; readonly old: Stats | null; readonly calls: SaveCalls },
): Promise<void> {
  const handle = await calls.open(temporary, 'wx', old === null ? 0o644 : old.mode & 0o7777);
  try {
    await handle.writeFile(to);
    if (old !== null) await keepOwner(handle, old);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Owner first: a change of owner takes away set-id bits. */
async function keepOwner(handle: FileHandle, old: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== old.uid || own.gid !== old.gid) await handle.chown(old.uid, old.gid);
  await handle.chmod(old.mode & 0o7777);
}

async function inPlace(
  path: string,
  to: string,
  { why, calls }: { readonly why: string; readonly calls: SaveCalls },
): Promise<Saved> {
  const handle = await calls.open(path, 'r+');
  try {
    const bytes = Buffer.from(to);
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.truncate(bytes.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { kind: 'in_place', why };
}

/** The name too must survive a power cut. Some file systems cannot do that for a folder: then it need not be. */
async function flushFolder(path: string, calls: SaveCalls): Promise<void> {
  const folder = await calls.open(dirname(path), 'r').catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

async function textOf(path: string, calls: SaveCalls): Promise<string | null> {
  try {
    const handle = await calls.open(path, 'r');
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
