import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigIssue } from '../model/config-issue.ts';
import { fileIssue } from './load-routes.ts';
import { writeWhole } from './write-whole.ts';

/**
 * The last good routes file, kept in `--state`, so that a restart with a bad file goes on with what served before.
 * Its text is kept with the values that `${…}` had, not the table: a later version reads it by its own lights, and
 * another environment does not change what was good. The values may be secrets: only the owner can read the file.
 */
export interface LastGood {
  readonly text: string;
  readonly env: Readonly<Record<string, string | null>>;
}

const FILE = 'last-good.json';

/** Writes it whole or not at all. @throws the file system's error. */
export async function saveLastGood(folder: string, good: LastGood): Promise<void> {
  await writeWhole(join(folder, FILE), JSON.stringify({ version: 1, ...good }));
}

/** Keeps it. That it can't be kept is a warning, not an error: routing does not hang on it. */
export async function keepLastGood(folder: string, good: LastGood): Promise<ConfigIssue[]> {
  try {
    await saveLastGood(folder, good);
    return [];
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    const issue = fileIssue(folder, `the last good routes file cannot be kept here: ${reason}`);
    return [{ ...issue, severity: 'warning' }];
  }
}

/** Reads it; null when there is none, or none that can be used. */
export async function readLastGood(folder: string): Promise<LastGood | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, FILE), 'utf8'));
    return isLastGood(value) ? { text: value.text, env: value.env } : null;
  } catch {
    return null;
  }
}

function isLastGood(value: unknown): value is LastGood & { readonly version: 1 } {
  if (typeof value !== 'object' || value === null) return false;
  const { version, text, env } = value as Record<string, unknown>;
  if (version !== 1 || typeof text !== 'string' || typeof env !== 'object' || env === null) return false;
  return Object.values(env).every((entry) => entry === null || typeof entry === 'string');
}
