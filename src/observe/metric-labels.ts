import { REASONS, type Reason } from '../model/decision.ts';
import { FAILURES, type Failure } from '../model/failure.ts';
import {
  EITHER_RESULTS,
  type EitherResult,
  FALLBACK_WORDS,
  type FallbackWord,
  SKIP_REASONS,
  type SkipReason,
} from '../model/fallback.ts';
import { PURPOSES, type Purpose } from '../model/outcome.ts';
import type { Side } from '../model/route-table.ts';

/**
 * The closed sets that label values come from, each value with its index: a client that sends a hundred thousand
 * methods adds no series.
 */

const STANDARD_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
] as const;

/** RFC 9110 section 9.3 and PATCH (RFC 5789); every other method is `OTHER`, the last. */
export const METHOD_LABELS: readonly string[] = [...STANDARD_METHODS, 'OTHER'];
const METHOD_INDEX = new Map(METHOD_LABELS.map((method, index) => [method, index]));
const OTHER = METHOD_LABELS.length - 1;

/** Index of a method's label. Methods are case-sensitive: `get` is `OTHER`. */
export function methodIndex(method: string): number {
  return METHOD_INDEX.get(method) ?? OTHER;
}

const PURPOSE_INDEX = new Map(PURPOSES.map((purpose, index) => [purpose, index]));
const RESULTS: readonly string[] = ['1xx', '2xx', '3xx', '4xx', '5xx', ...FAILURES];
const FAILURE_INDEX = new Map(FAILURES.map((failure, index) => [failure, index + 5]));

/** Key of an attempt: its purpose, and the class of its status or the failure. */
export function attemptKey(purpose: Purpose, result: number | Failure): number {
  const index = typeof result === 'number' ? statusClass(result) : (FAILURE_INDEX.get(result) as number);
  return (PURPOSE_INDEX.get(purpose) as number) * RESULTS.length + index;
}

/** Codes above 599 are nobody's class; they count as `5xx`, since RFC 9110 section 15 has them treated so. */
function statusClass(status: number): number {
  return Math.min(Math.max(Math.trunc(status / 100), 1), 5) - 1;
}

/** Labels of an attempt's key, as they stand between braces. */
export function attemptLabels(key: number): string {
  const purpose = PURPOSES[Math.trunc(key / RESULTS.length)] as string;
  return `purpose="${purpose}",result="${RESULTS[key % RESULTS.length]}"`;
}

const SIDES: readonly Side[] = ['legacy', 'feature'];
const REASON_INDEX = new Map(REASONS.map((reason, index) => [reason, index]));

/** Key of a decision's side and reason. */
export function decisionKey(side: Side, reason: Reason): number {
  return (side === 'legacy' ? 0 : REASONS.length) + (REASON_INDEX.get(reason) as number);
}

/** Labels of a decision's key, as they stand between braces. */
export function decisionLabels(key: number): string {
  const side = SIDES[Math.trunc(key / REASONS.length)] as string;
  return `side="${side}",reason="${REASONS[key % REASONS.length]}"`;
}

/** Key of what a fallback was for. */
export function fallbackKey(word: FallbackWord): number {
  return FALLBACK_WORDS.indexOf(word);
}

/** Labels of such a key, as they stand between braces. */
export function fallbackLabels(key: number): string {
  return `reason="${FALLBACK_WORDS[key]}"`;
}

/** Key of why a fallback was skipped. */
export function skipKey(reason: SkipReason): number {
  return SKIP_REASONS.indexOf(reason);
}

/** Labels of such a key, as they stand between braces. */
export function skipLabels(key: number): string {
  return `reason="${SKIP_REASONS[key]}"`;
}

/** Key of what became of a 404 that was asked on the other side. */
export function eitherKey(result: EitherResult): number {
  return EITHER_RESULTS.indexOf(result);
}

/** Labels of such a key, as they stand between braces. */
export function eitherLabels(key: number): string {
  return `result="${EITHER_RESULTS[key]}"`;
}
