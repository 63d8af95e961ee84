import { readFile, stat } from 'node:fs/promises';

/** A small file that others rewrite; its parsed content is read anew when it changed. */
export interface WatchedFile<Content> {
  /** What it says now; of a file that cannot be read, what an empty one would say. */
  content(): Promise<Content>;
}

/**
 * Looks at the file when its content is asked for, at most once per `checkEveryMs`: asking needs no watcher that
 * could be lost, and Docker rewrites /etc/hosts and /etc/resolv.conf in place.
 */
export function watchFile<Content>(file: WatchedFileOptions<Content>): WatchedFile<Content> {
  const now = file.now ?? (() => performance.now());
  let stamp = '';
  let content = file.parse('');
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | null = null;

  async function check(): Promise<void> {
    const found = await stampOf(file.path);
    if (found !== stamp) {
      content = file.parse(await textOf(file.path));
      stamp = found;
    }
    checkedAt = now();
    checking = null;
  }

  return {
    async content() {
      if (checking === null && now() - checkedAt >= file.checkEveryMs) checking = check();
      await checking;
      return content;
    },
  };
}

/** Which file, and how it is read. */
export interface WatchedFileOptions<Content> {
  readonly path: string;
  readonly parse: (text: string) => Content;
  readonly checkEveryMs: number;
  /** Monotonic, ms. */
  readonly now?: () => number;
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return 'unreadable';
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}
