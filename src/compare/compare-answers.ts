/**
 * Two answers to one request: status, then chosen fields of the head, then the body. Where the statuses differ nothing
 * else is said: an error's page differs in everything, and none of that is news.
 */
import type { AnswersCompared, Difference } from '../model/comparison.ts';
import { STATUS_FIELD } from '../model/comparison.ts';
import type { Failure } from '../model/failure.ts';
import type { ShadowAnswer } from '../model/shadow.ts';
import { compareBodies } from './compare-bodies.ts';
import { compareHeads } from './compare-heads.ts';
import type { ReadyRules } from './ready-rules.ts';
import { MASK } from './redact.ts';

/** What of an answer is compared. */
export type ComparedAnswer = Pick<ShadowAnswer, 'failure' | 'status' | 'headers' | 'noBody'> & {
  readonly body: Uint8Array | null;
};

/** "Not built here yet": the feature says that it leaves a request to legacy. */
const NOT_BUILT = 501;

/** Compares a feature's answer with legacy's. */
export function compareAnswers(
  legacy: ComparedAnswer,
  feature: ComparedAnswer,
  rules: ReadyRules,
): AnswersCompared {
  if (legacy.failure !== null) return skipped(failedText('legacy', legacy.failure));
  if (feature.failure !== null) return failed(failedText('the feature', feature.failure));
  if (feature.status === NOT_BUILT && legacy.status !== NOT_BUILT) return { ...MATCH, result: 'not_built' };
  if (rules.status && legacy.status !== feature.status) return mismatch([statusDifference(legacy, feature)]);
  const heads = compareHeads(legacy.headers, feature.headers, rules.headers);
  const bodies = bodiesOf(legacy, feature, rules);
  if ('broken' in bodies) return failed(bodies.broken);
  const differences = [...heads, ...('differences' in bodies ? bodies.differences : [])];
  if (differences.length > 0) return mismatch(differences.map((one) => hidden(one, rules)));
  return 'skipped' in bodies ? skipped(bodies.skipped) : MATCH;
}

const MATCH: AnswersCompared = { result: 'match', reason: null, differences: [] };

/** What `redact` has regexes for is shown nowhere: in a value of JSON or of a head as little as in a text. */
function hidden(difference: Difference, { text: { redact } }: ReadyRules): Difference {
  if (redact.length === 0) return difference;
  const hide = (shown: string | null): string | null =>
    redact.reduce((left, pattern) => left && pattern.matcher(left).replaceAll(MASK), shown);
  return { ...difference, legacy: hide(difference.legacy), feature: hide(difference.feature) };
}

type Bodies = ReturnType<typeof compareBodies> | { readonly broken: string };

function bodiesOf(legacy: ComparedAnswer, feature: ComparedAnswer, rules: ReadyRules): Bodies {
  if (rules.body === 'none') return { differences: [] };
  if (feature.noBody === 'broken') return { broken: noBodyText('the feature', feature.noBody) };
  if (legacy.body === null) return { skipped: noBodyText('legacy', legacy.noBody) };
  if (feature.body === null) return { skipped: noBodyText('the feature', feature.noBody) };
  return compareBodies(
    { headers: legacy.headers, body: legacy.body },
    { headers: feature.headers, body: feature.body },
    rules,
  );
}

/** What a copy that failed did, for who does not know the names of failures. */
const FAILED: Partial<Record<Failure, string>> = {
  connect_refused: 'accepted no connection',
  connect_timeout: 'accepted no connection in time',
  dns: 'was not found by its name',
  tls: 'could not be reached over TLS',
  no_endpoint: 'had no endpoint that could be asked',
  breaker_open: 'was given a rest after many failures',
  reset: 'broke off',
  bad_response: 'sent what is no answer of HTTP',
  response_timeout: 'took too long',
  idle_timeout: 'took too long',
  deadline: 'took longer than the timeout under shadow',
};

function failedText(side: string, failure: Failure): string {
  return `${side} ${FAILED[failure] ?? 'gave no answer'} (${failure})`;
}

function noBodyText(side: string, noBody: ComparedAnswer['noBody']): string {
  switch (noBody) {
    case 'too_large':
      return `the body of ${side} is longer than max_body`;
    case 'broken':
      return `the body of ${side} broke off`;
    default:
      return `there was no room to keep the body of ${side}`;
  }
}

function statusDifference(legacy: ComparedAnswer, feature: ComparedAnswer): Difference {
  const sides = { legacy: String(legacy.status), feature: String(feature.status) };
  return { field: STATUS_FIELD, kind: 'value', ...sides, apart: null };
}

function mismatch(differences: readonly Difference[]): AnswersCompared {
  return { result: 'mismatch', reason: null, differences };
}

function skipped(reason: string): AnswersCompared {
  return { result: 'skipped', reason, differences: [] };
}

function failed(reason: string): AnswersCompared {
  return { result: 'error', reason, differences: [] };
}
