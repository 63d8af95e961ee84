/**
 * Puts a new text in place of a file's, whole or not at all: a file beside it, flushed to the disk, takes its name. So a
 * router that looks at any moment sees the old text or the new one. Owner, group and mode stay, and a symbolic link goes
 * on pointing where it did.
 *
 * The file beside it has a fixed name, and whoever makes it holds the edit: of two verbs at once the second waits and
 * then finds what the first wrote. An editor does not know of it, so what is there is compared just before the rename.
 *
 * Some files cannot be replaced by a rename: one that is mounted by itself (EBUSY), one in a folder where nothing can be
 * made, one with other names (hard links), one whose owner could not be kept. They are written over in place, which is
 * said, since a crash in that moment leaves a part.
 */
import type { Stats } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

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
  /** A file that a new one takes its mode from, and its owner as far as that is allowed: who reads one reads both. */
  readonly like?: string;
}

/** Writes, or deletes, a file. Never rejects on what a file system can do. */
export async function saveEdit(request: SaveRequest, calls: SaveCalls = CALLS): Promise<Saved> {
  try {
    const path = await realpath(request.path).catch(() => request.path);
    const { from, to, like } = request;
    if ((await textOf(path, calls)) !== from) return { kind: 'changed_meanwhile' };
    if (to === null) return await removed({ path, from }, calls);
    return await replaced({ path, from, to, like }, calls);
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) };
  }
}

async function removed({ path, from }: Pick<Replacing, 'path' | 'from'>, calls: SaveCalls): Promise<Saved> {
  const temporary = temporaryOf(path);
  const handle = await take(temporary, 0o600, calls);
  await handle.close();
  try {
    if ((await textOf(path, calls)) !== from) return { kind: 'changed_meanwhile' };
    await calls.rm(path);
  } finally {
    await calls.rm(temporary).catch(() => {});
  }
  await flushFolder(path, calls);
  return { kind: 'saved' };
}

interface Replacing {
  readonly path: string;
  readonly from: string | null;
  readonly to: string;
  readonly like: string | undefined;
}

async function replaced({ path, from, to, like }: Replacing, calls: SaveCalls): Promise<Saved> {
  const old = from === null ? null : await stat(path);
  if (old !== null && old.nlink > 1)
    return inPlace(path, to, { why: 'it has other names (hard links)', calls });
  const temporary = temporaryOf(path);
  try {
    const handle = await take(temporary, old === null ? 0o644 : old.mode & 0o7777, calls);
    const isReplaced = await replaceBy(handle, { temporary, path, from, to, like, old, calls }).catch(
      async (error) => {
        await calls.rm(temporary).catch(() => {});
        throw error;
      },
    );
    if (!isReplaced) return { kind: 'changed_meanwhile' };
  } catch (error) {
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

/** How long an edit waits for another one, and from when on what is left of one is nobody's: ms. */
const PATIENCE_MS = 3_000;
const ABANDONED_MS = 10_000;

function temporaryOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.banyan-edit`);
}

/** Makes the file beside, which nobody else has then. @throws EEXIST when another edit does not end. */
async function take(temporary: string, mode: number, calls: SaveCalls): Promise<FileHandle> {
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    try {
      return await calls.open(temporary, 'wx', mode);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || Date.now() > end) throw error;
    }
    const left = await stat(temporary).catch(() => null);
    if (left !== null && Date.now() - left.mtimeMs > ABANDONED_MS) await calls.rm(temporary);
    else await sleep(20);
  }
}

interface Replacement extends Replacing {
  readonly temporary: string;
  readonly old: Stats | null;
  readonly calls: SaveCalls;
}

/** False if the file holds something else by now; then nothing is left of the attempt. */
async function replaceBy(
  handle: FileHandle,
  { temporary, path, from, to, like, old, calls }: Replacement,
): Promise<boolean> {
  try {
    await handle.writeFile(to);
    if (old !== null) await keepOwner(handle, old);
    else if (like !== undefined) await resemble(handle, like);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const isStill = (await textOf(path, calls)) === from;
  if (isStill) await calls.rename(temporary, path);
  else await calls.rm(temporary);
  return isStill;
}

/** A new file that cannot be quite like its neighbour is a new file all the same. */
async function resemble(handle: FileHandle, neighbour: string): Promise<void> {
  await stat(neighbour)
    .then((like) => keepOwner(handle, like))
    .catch(() => {});
}

/** Mode again after the owner: a change of owner takes away set-id bits. */
async function keepOwner(handle: FileHandle, old: Stats): Promise<void> {
  await handle.chmod(old.mode & 0o7777);
  const own = await handle.stat();
  if (own.uid === old.uid && own.gid === old.gid) return;
  await handle.chown(old.uid, old.gid);
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
