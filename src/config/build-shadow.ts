import type { Stage } from '../model/route-table.ts';
import type { CompareRules, Shadow } from '../model/shadow-block.ts';
import { DEFAULT_SHADOW } from './defaults.ts';
import type { ShadowFile } from './schema/shadow-schema.ts';

/** From what was written to what is complete: copies and their comparison. The rules have passed before. */

/** The block; in stage shadow there is always one; null: none. */
export function buildShadow(written: ShadowFile | undefined, stage: Stage | undefined): Shadow | null {
  const file = written ?? (stage === 'shadow' ? {} : null);
  if (file === null) return null;
  return {
    share: shareOf(file.percent) ?? DEFAULT_SHADOW.share,
    stages: file.stages ?? DEFAULT_SHADOW.stages,
    writes: file.writes ?? DEFAULT_SHADOW.writes,
    timeoutMs: file.timeout ?? DEFAULT_SHADOW.timeoutMs,
    maxBody: file.max_body ?? DEFAULT_SHADOW.maxBody,
    maxInFlight: file.max_in_flight ?? DEFAULT_SHADOW.maxInFlight,
    compare: compareOf(file.compare ?? {}),
    noise: shareOf(file.noise) ?? DEFAULT_SHADOW.noise,
    ready: {
      match: shareOf(file.ready?.match) ?? DEFAULT_SHADOW.ready.match,
      min: file.ready?.min ?? DEFAULT_SHADOW.ready.min,
    },
  };
}

function compareOf(file: NonNullable<ShadowFile['compare']>): CompareRules {
  const standard = DEFAULT_SHADOW.compare;
  return {
    status: file.status ?? standard.status,
    headers: file.headers?.map((name) => name.toLowerCase()) ?? standard.headers,
    body: file.body ?? standard.body,
    ignore: file.ignore ?? standard.ignore,
    unordered: file.unordered ?? standard.unordered,
    tolerance: file.tolerance === undefined ? standard.tolerance : Object.entries(file.tolerance),
    nullIsMissing: file.null_is_missing ?? standard.nullIsMissing,
    redact: file.redact ?? standard.redact,
  };
}

function shareOf(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / 100;
}
