/**
 * The words of a fallback (docs/fallback.md): for what legacy answers in a feature's place, and why it sometimes cannot.
 * Closed sets, since both are metric labels.
 */

/** What `when` may name; in the metric, why legacy was asked. */
export const FALLBACK_WORDS = [
  'connect',
  'reset',
  'timeout',
  'bad_response',
  '501',
  '502',
  '503',
  '504',
] as const;
/** One of them. */
export type FallbackWord = (typeof FALLBACK_WORDS)[number];

/**
 * Why a fallback that was due is skipped: the method may not run twice; the body can't be sent again; the answer has
 * begun; too many fall back already, or legacy takes no more.
 */
export const SKIP_REASONS = ['method', 'body', 'started', 'busy'] as const;
/** One of them. */
export type SkipReason = (typeof SKIP_REASONS)[number];

/** What became of an exchange of which one side said 404 and the other was asked: which of them had an answer. */
export const EITHER_RESULTS = ['found', 'not_found', 'failed'] as const;
/** One of them. */
export type EitherResult = (typeof EITHER_RESULTS)[number];
