import { wordsFor } from './forward/may-fall-back.ts';
import type { ForwardDecision } from './model/decision.ts';
import type { FallbackWord } from './model/fallback.ts';

/** What legacy answers for in a feature's place, in the shape that docs/admin.md shows. */
export interface FallbackPart {
  /** Of the words of `when`, those that hold for a request of this method. */
  readonly when: readonly FallbackWord[];
  /** Bytes of a body that are kept for legacy. */
  readonly max_body: number;
}

/** Who else may be asked for a request of this method. */
export function explainOtherSide(
  { route, fallback, either }: ForwardDecision,
  method: string,
): { readonly fallback: FallbackPart | null; readonly either: string | null } {
  const isRepeatable = route.policy.repeatable.includes(method);
  const isAskedAgain = method === 'GET' || method === 'HEAD';
  return {
    fallback:
      fallback === null ? null : { when: wordsFor(fallback, isRepeatable), max_body: fallback.maxBody },
    either: either !== null && isAskedAgain ? either.backend.name : null,
  };
}
