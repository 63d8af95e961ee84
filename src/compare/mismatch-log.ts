/**
 * Mismatches as JSON lines in the state folder, for whoever wants more of them than the router holds: the samples of
 * `/api/shadow`, redacted as there. Two files at most, each half of what may be kept: the older one gives way. Nothing
 * waits for the disk, and a disk that is full or slow costs lines, nothing else.
 */
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MismatchSample } from '../model/shadow-report.ts';

/** Its name in the state folder; the older one has `.1` behind it. */
export const MISMATCH_LOG = 'mismatches.jsonl';

/** Characters that may wait for the disk. */
const MOST_WAITING = 1024 * 1024;

/** Where lines go, and how many bytes of them are kept. */
export interface MismatchLogOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** It cannot be written; told once until it can again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Owns the files. */
export class MismatchLog {
  readonly #options: MismatchLogOptions;
  #waiting = '';
  #size: number | null = null;
  #writing: Promise<void> | null = null;
  #isBroken = false;

  constructor(options: MismatchLogOptions) {
    this.#options = options;
  }

  add(feature: string, route: string, samples: readonly MismatchSample[]): void {
    for (const sample of samples) {
      if (this.#waiting.length > MOST_WAITING) return;
      this.#waiting += `${JSON.stringify(lineOf(feature, route, sample))}\n`;
    }
    this.#writing ??= this.#write();
  }

  /** Resolves when what was added is written, or could not be. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      try {
        await this.#append(text);
        this.#isBroken = false;
      } catch (error) {
        this.#size = null;
        if (!this.#isBroken) this.#options.onTrouble(error);
        this.#isBroken = true;
      }
    }
    this.#writing = null;
  }

  async #append(text: string): Promise<void> {
    const { path, maxBytes } = this.#options;
    const bytes = Buffer.byteLength(text);
    this.#size ??= await sizeOf(path);
    if (this.#size > 0 && this.#size + bytes > maxBytes / 2) {
      await rename(path, `${path}.1`);
      this.#size = 0;
    }
    await appendFile(path, text, { mode: 0o600 });
    this.#size += bytes;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return 0;
  }
}

function lineOf(feature: string, route: string, sample: MismatchSample): object {
  const { time, requestId, method, target, servedBy, legacyMs, featureMs, differences } = sample;
  return {
    time: new Date(time).toISOString(),
    feature,
    route,
    request_id: requestId,
    method,
    path: target,
    served_by: servedBy,
    legacy_ms: rounded(legacyMs),
    feature_ms: rounded(featureMs),
    differences,
  };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}
