import { createHash } from 'node:crypto';
import type { AutoRollback } from '../model/route-table.ts';
import { DEFAULT_AUTO_ROLLBACK } from './defaults.ts';
import type { AutoRollbackFile } from './schema/auto-rollback-schema.ts';
import type { FeatureFile } from './schema/feature-schema.ts';

/** From what was written to what is complete: when a feature goes back by itself. The rules have passed before. */

/** The block; null: none. */
export function buildAutoRollback(file: AutoRollbackFile | false | undefined): AutoRollback | null {
  if (file === undefined || file === false) return null;
  return {
    windowMs: file.window ?? DEFAULT_AUTO_ROLLBACK.windowMs,
    minRequests: file.min_requests ?? DEFAULT_AUTO_ROLLBACK.minRequests,
    errors: { max: shareOf(file.errors?.max), aboveLegacy: shareOf(file.errors?.above_legacy) },
    p95: { maxMs: file.p95?.max ?? null, timesLegacy: file.p95?.times_legacy ?? null },
    holdMs:
      file.hold === undefined || file.hold === 'until_edited' ? DEFAULT_AUTO_ROLLBACK.holdMs : file.hold,
  };
}

function shareOf(percent: number | undefined): number | null {
  return percent === undefined ? null : percent / 100;
}

/**
 * What tells one wording of a feature's block from another: the hash of the values as they are written, comments and
 * the order of keys left out. Defaults are not part of it, so that another version of Banyan reads the same.
 */
export function definitionOf(written: string | FeatureFile): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(written)))
    .digest('hex')
    .slice(0, 16);
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, inOrder(inner)]);
}
