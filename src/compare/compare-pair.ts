import type { CompareRules } from '../model/shadow-block.ts';
import { type ComparedAnswer, compareAnswers } from './compare-answers.ts';
import type { PairCompared } from './comparison-tally.ts';
import { rememberRules } from './ready-rules.ts';

/** The answers to one request, with the rules of their feature. Plain data: it crosses to a thread. */
export interface AnswersToCompare {
  readonly legacy: ComparedAnswer;
  readonly own: ComparedAnswer;
  /** Legacy's second one; null for most. */
  readonly again: ComparedAnswer | null;
  readonly rules: CompareRules;
}

/** Compares all answers to a request. */
export type ComparePair = (answers: AnswersToCompare) => PairCompared;

/** Who compares remembers the rules of features, made ready. */
export function createComparePair(): ComparePair {
  const readyRules = rememberRules();
  return ({ legacy, own, again, rules }) => {
    const ready = readyRules(rules);
    return {
      own: compareAnswers(legacy, own, ready),
      noise: again === null ? null : compareAnswers(legacy, again, ready),
    };
  };
}
