/**
 * What a feature's window proves, limit by limit. `above_legacy` and `times_legacy` decide while legacy has
 * `min_requests` in the window, `max` otherwise; a comparison that is not asked for leaves `max` to decide always.
 */
import type { RollbackVerdict, SideSummary } from '../model/feature-counts.ts';
import type { AutoRollback } from '../model/route-table.ts';
import { countFrom, p95Of } from './durations.ts';
import { evidenceAbove, evidenceOfExcess, PROVEN, surelyAbove } from './evidence.ts';
import { evidenceOfSlowdown, evidenceOfSlowness } from './evidence-of-times.ts';
import { durationText, shareText, timesText } from './number-text.ts';
import type { SideTally } from './side-tally.ts';

/** Both sides of a window. */
export interface Sides {
  readonly own: SideTally;
  readonly legacy: SideTally;
}

/** What a window says: `why` is the limit that is passed, with its numbers, in plain words; null if none is. */
export interface Judgement {
  readonly verdict: RollbackVerdict;
  readonly why: string | null;
}

/** What one limit says: passed (in words), kept (null), or how many more requests it needs. */
type Finding = string | null | NonNullable<RollbackVerdict['missing']>;

/** Judges a window. Pure. */
export function judgeWindow(sides: Sides, limits: AutoRollback): Judgement {
  const findings = [errorsFinding(sides, limits), timesFinding(sides, limits)].filter(
    (finding) => finding !== undefined,
  );
  const why = findings.find((finding) => typeof finding === 'string') ?? null;
  const lacking = findings.filter((finding) => finding !== null && typeof finding === 'object');
  const isSilent = why === null && lacking.length === findings.length;
  return {
    why,
    verdict: {
      kind: why !== null ? 'rolled_back' : isSilent ? 'too_little_data' : 'within_limits',
      missing: isSilent ? (lacking[0] ?? null) : null,
      own: summaryOf(sides.own),
      legacy: summaryOf(sides.legacy),
    },
  };
}

function summaryOf({ requests, errors, times }: SideTally): SideSummary {
  return { requests, errors, p95Ms: times === null ? null : p95Of(times) };
}

/** Undefined: no such limit is set. */
function errorsFinding({ own, legacy }: Sides, limits: AutoRollback): Finding | undefined {
  const { max, aboveLegacy } = limits.errors;
  if (max === null && aboveLegacy === null) return undefined;
  if (own.requests < limits.minRequests)
    return { side: 'feature', requests: limits.minRequests - own.requests };
  const [ours, theirs] = [countedErrors(own), countedErrors(legacy)];
  if (aboveLegacy !== null && legacy.requests >= limits.minRequests) {
    if (evidenceOfExcess(ours, theirs, aboveLegacy) < PROVEN) return null;
    const surely = surelyAbove((limit) => evidenceOfExcess(ours, theirs, limit), aboveLegacy, 1);
    const { errors, requests } = legacy;
    const failed = `${failedText(own)}, ${errors} of legacy's ${requests} (${shareText(errors / requests)})`;
    return `${failed}: surely more than ${shareText(surely)} above legacy (above_legacy: ${shareText(aboveLegacy)})`;
  }
  if (max === null) return { side: 'legacy', requests: limits.minRequests - legacy.requests };
  if (evidenceAbove(ours, max) < PROVEN) return null;
  const surely = surelyAbove((limit) => evidenceAbove(ours, limit), max, 1);
  return `${failedText(own)}: surely more than ${shareText(surely)} (max: ${shareText(max)})`;
}

function countedErrors({ errors, requests }: SideTally): { hits: number; of: number } {
  return { hits: errors, of: requests };
}

function failedText({ errors, requests }: SideTally): string {
  return `${errors} of ${requests} requests failed (${shareText(errors / requests)})`;
}

/** Undefined: no such limit is set. */
function timesFinding({ own, legacy }: Sides, limits: AutoRollback): Finding | undefined {
  const { maxMs, timesLegacy } = limits.p95;
  if ((maxMs === null && timesLegacy === null) || own.times === null || legacy.times === null)
    return undefined;
  const [ours, theirs] = [countFrom(own.times, 0), countFrom(legacy.times, 0)];
  if (ours < limits.minRequests) return { side: 'feature', requests: limits.minRequests - ours };
  if (timesLegacy !== null && theirs >= limits.minRequests) {
    if (evidenceOfSlowdown(own.times, legacy.times, timesLegacy) < PROVEN) return null;
    const slow = `${p95Text(own.times)}, legacy's in ${durationText(p95Of(legacy.times) ?? 0)}`;
    return `${slow}: surely more than ${timesText(timesLegacy)} (times_legacy)`;
  }
  if (maxMs === null) return { side: 'legacy', requests: limits.minRequests - theirs };
  if (evidenceOfSlowness(own.times, maxMs) < PROVEN) return null;
  return `${p95Text(own.times)}: surely more than ${durationText(maxMs)} (max)`;
}

function p95Text(times: Uint32Array): string {
  return `95 % of answers began in ${durationText(p95Of(times) ?? 0)}`;
}
