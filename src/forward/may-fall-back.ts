import type { FallbackPlan } from '../model/decision.ts';
import type { Failure } from '../model/failure.ts';
import type { FallbackWord, SkipReason } from '../model/fallback.ts';

/**
 * Whether legacy may be asked in the feature's place (docs/fallback.md): policy alone, no mechanism.
 *
 *   was it one of `when`? ─▶ no byte to the client? ─▶ may it run twice? ─▶ can the body be sent? ─▶ is there a place?
 *          else none            else started             else method          else body              else busy
 *
 * A write is never done twice: what is not repeatable goes on only where the feature cannot have acted on it, since it
 * was never reached, or since it says itself that it has nothing for this (501).
 */

/** Where an exchange stands when its feature could not answer. */
export interface FallbackState {
  /** What went wrong, or the status of the feature's answer. */
  readonly why: Failure | number;
  /** The head of an answer went to the client. Informational answers do not count: the answer is still to come. */
  readonly hasBegun: boolean;
  readonly isRepeatable: boolean;
  /** Of the client's body, so far. */
  readonly bytesRead: number;
  /** All that was read is kept. */
  readonly isReplayable: boolean;
  /** One more may fall back. */
  readonly hasPlace: boolean;
}

/** Legacy is asked, for this word; or it would be, but for a reason; null: it was never meant for this. */
export type FallbackVerdict = { readonly word: FallbackWord } | { readonly skipped: SkipReason } | null;

/** Words for what the feature cannot have acted on. */
const NOT_PROCESSED: ReadonlySet<FallbackWord> = new Set(['connect', '501']);

/** The words of a plan that a request may fall back for, by whether its method is repeatable. */
export function wordsFor({ when }: Pick<FallbackPlan, 'when'>, isRepeatable: boolean): FallbackWord[] {
  return [...new Set(when.values())].filter((word) => isRepeatable || NOT_PROCESSED.has(word));
}

/** The verdict. Pure. */
export function mayFallBack(
  plan: Pick<FallbackPlan, 'when' | 'maxBody'>,
  state: FallbackState,
): FallbackVerdict {
  const word = plan.when.get(state.why);
  if (word === undefined) return null;
  if (state.hasBegun) return { skipped: 'started' };
  if (!state.isRepeatable && !NOT_PROCESSED.has(word)) return { skipped: 'method' };
  if (state.bytesRead > 0 && !(state.isReplayable && state.bytesRead <= plan.maxBody))
    return { skipped: 'body' };
  return state.hasPlace ? { word } : { skipped: 'busy' };
}
