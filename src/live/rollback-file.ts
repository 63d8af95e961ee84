/**
 * Rollbacks on disk (`--state`), so that a restart does not send clients back to what failed them. Written whole or not
 * at all by whom it is handed to; what cannot be read counts as none, and is said: routing does not hang on it.
 */
import type { Rollback } from '../model/feature-counts.ts';

/** Its name in the state folder. */
export const ROLLBACK_FILE = 'rolled-back.json';

/** The content of the file. */
export function rollbacksText(rollbacks: readonly Rollback[]): string {
  return `${JSON.stringify({ version: 1, rollbacks }, null, 2)}\n`;
}

/** What a file says; null if that cannot be read, or is another version's. */
export function readRollbacks(text: string): readonly Rollback[] | null {
  const value = parsed(text);
  if (!isRecord(value) || value['version'] !== 1 || !Array.isArray(value['rollbacks'])) return null;
  const rollbacks: unknown[] = value['rollbacks'];
  return rollbacks.every(isRollback) ? rollbacks : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isRollback(value: unknown): value is Rollback {
  if (!isRecord(value)) return false;
  const { feature, definition, since, until, count, why } = value;
  const areTexts = [feature, definition, why].every((text) => typeof text === 'string');
  return areTexts && isTime(since) && (until === null || isTime(until)) && Number.isInteger(count);
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 8.64e15;
}
