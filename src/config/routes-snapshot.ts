import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { legacyOnlyText } from './load-routes.ts';
import { type FileReading, readLegacyOnly, readTextFile } from './read-input.ts';

/** What stood in the routes file and in LEGACY_ONLY at one moment. */
export interface RoutesSnapshot {
  readonly routes: FileReading;
  readonly legacyOnly: string | null;
}

/** Up to this size a file is read at each look: a stamp may be coarse, or stale across a mount. */
const ALWAYS_READ_BYTES = 256 * 1024;
/** A stamp is believed once it is older than the coarsest file systems' clocks. */
const SETTLED_STAMP_MS = 3_000;

/** Reads both files, again and again; a large one only when its stamp says that it may have changed. */
export class SnapshotReader {
  readonly #file: string;
  #stamp = '';
  #routes: FileReading | null = null;
  #legacyOnly: FileReading | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async read(): Promise<RoutesSnapshot> {
    const [routes, legacyOnly] = await Promise.all([this.#readRoutes(), readLegacyOnly(this.#file)]);
    this.#legacyOnly = knownOf(legacyOnly, this.#legacyOnly);
    return { routes, legacyOnly: legacyOnlyText(this.#legacyOnly) };
  }

  /** Content on which two reads, this far apart, agree; of files that never rest, the last. */
  async settled(settleMs: number): Promise<RoutesSnapshot> {
    let snapshot = await this.read();
    for (let attempt = 0; attempt < 10; attempt++) {
      await sleep(settleMs);
      const again = await this.read();
      if (isSameSnapshot(snapshot, again)) return again;
      snapshot = again;
    }
    return snapshot;
  }

  async #readRoutes(): Promise<FileReading> {
    const stamp = await stampOf(this.#file);
    if (this.#routes !== null && stamp !== '' && stamp === this.#stamp) return this.#routes;
    const reading = await readTextFile(this.#file);
    this.#stamp = isUnknown(reading) ? '' : stamp;
    this.#routes = knownOf(reading, this.#routes);
    return this.#routes;
  }
}

/** What was read, or, where the process could not look, what is known from before. */
function knownOf(reading: FileReading, before: FileReading | null): FileReading {
  return isUnknown(reading) ? (before ?? reading) : reading;
}

function isUnknown(reading: FileReading): boolean {
  return 'problem' in reading && reading.isUnknown === true;
}

/** What tells two states of a large, settled file apart; '' for one that must be read. */
async function stampOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    const isSettled = Math.abs(Date.now() - ctimeMs) > SETTLED_STAMP_MS;
    return size > ALWAYS_READ_BYTES && isSettled ? [dev, ino, size, mtimeMs, ctimeMs].join(' ') : '';
  } catch {
    return '';
  }
}

/** True if nothing that a table depends on has changed between the two. */
export function isSameSnapshot(a: RoutesSnapshot, b: RoutesSnapshot): boolean {
  return a.legacyOnly === b.legacyOnly && contentOf(a.routes) === contentOf(b.routes);
}

function contentOf(reading: FileReading): string {
  return 'text' in reading ? `t${reading.text}` : `p${reading.problem}`;
}

/**
 * Whether a text looks like another one half-written: nothing, the beginning of it, or cut within a line. It may be
 * good YAML all the same, and drop half of the routes.
 */
export function looksCut(text: string, before: string | null): boolean {
  if (text.trim() === '') return true;
  if (before === null || text === before) return false;
  return before.startsWith(text) || (before.endsWith('\n') && !text.endsWith('\n'));
}
