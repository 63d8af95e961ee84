import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files past this are not read: 50 000 routes are a tenth of it. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** A file's text, or why it can't be read, as a message. */
export type FileReading =
  | { readonly text: string }
  | {
      readonly problem: string;
      /** There is none. */
      readonly isAbsent: boolean;
      /** The process could not look (no file descriptor, no memory): nothing is known of the file. */
      readonly isUnknown?: boolean;
    };

/** The LEGACY_ONLY file that goes with a routes file. */
export function legacyOnlyPath(routesFile: string): string {
  return join(dirname(routesFile), 'LEGACY_ONLY');
}

/** LEGACY_ONLY holds some names: past this it is something else, which counts as one that can't be read. */
const MAX_LEGACY_ONLY_BYTES = 256 * 1024;

/** Reads the LEGACY_ONLY file that goes with a routes file. */
export function readLegacyOnly(routesFile: string): Promise<FileReading> {
  return readTextFile(legacyOnlyPath(routesFile), MAX_LEGACY_ONLY_BYTES);
}

/** Reads a text file whole. Opened without blocking, so that a FIFO in its place can't hang the reader. */
export async function readTextFile(path: string, maxBytes = MAX_FILE_BYTES): Promise<FileReading> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unreadable(error);
  }
  try {
    return await readFrom(handle, maxBytes);
  } catch (error) {
    return unreadable(error);
  } finally {
    await handle.close();
  }
}

async function readFrom(handle: FileHandle, maxBytes: number): Promise<FileReading> {
  const stat = await handle.stat();
  if (stat.isDirectory()) return problem('is a directory (when Docker finds no file to mount, it makes one)');
  if (!stat.isFile()) return problem('is not a regular file');
  if (stat.size > maxBytes) return problem(tooLarge(stat.size, maxBytes));
  const bytes = await handle.readFile();
  return decode(bytes);
}

/** UTF-8 text of a file's bytes. */
export function decode(bytes: Uint8Array): FileReading {
  if (bytes.length > MAX_FILE_BYTES) return problem(tooLarge(bytes.length, MAX_FILE_BYTES));
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return problem('is UTF-16: save it as UTF-8');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return problem('is UTF-16: save it as UTF-8');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return problem('is not UTF-8');
  }
}

function tooLarge(bytes: number, maxBytes: number): string {
  return `is too large: ${bytes} bytes, and at most ${maxBytes} are read`;
}

function problem(message: string): FileReading {
  return { problem: message, isAbsent: false };
}

/** Whoever opens connections until no descriptor is left must not change routing by it. */
const NOT_THE_FILES: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

function unreadable(error: unknown): FileReading {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'does not exist', isAbsent: true };
  if (code === 'EACCES' || code === 'EPERM') return problem('cannot be read: permission denied');
  if (code === 'ELOOP') return problem('cannot be read: its symbolic links go in a circle');
  const unknown = problem(`cannot be read: ${code ?? message}`);
  return NOT_THE_FILES.has(code) ? { ...unknown, isUnknown: true } : unknown;
}
