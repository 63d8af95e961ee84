import type { ComparisonResult } from './shadow.ts';

/**
 * What comparing two answers says, as plain data: it crosses from a thread to the process, and from a worker to the
 * primary. Values in it are excerpts that are safe to show: secrets are masked where they are made (docs/shadow.md).
 */

/**
 * How two answers differ at a field:
 * - `value`: another value of the same type
 * - `type`: a value of another type, or a body that is not what legacy's is
 * - `missing`: legacy has it, the feature has not; `extra`: the other way round
 * - `null`: one has null where the other has nothing
 * - `order`: the same entries of a list in another order
 * - `entries`: a list with other entries, or more, or fewer
 */
export const DIFFERENCE_KINDS = ['value', 'type', 'missing', 'extra', 'null', 'order', 'entries'] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** The field of a status that differs. Noise never covers it. */
export const STATUS_FIELD = 'status';

/** The field of texts that differ as a whole. Noise never covers it. */
export const WHOLE_TEXT = 'text';
/** The field of any other body that differs as a whole. Noise never covers it. */
export const WHOLE_BODY = 'body';

/** The field that stands for all that are not listed, where too many differ. Noise never covers it. */
export const MORE_FIELDS = 'more fields';

/** Where the two differ, as it is counted. */
export interface FieldDifference {
  /**
   * `status`, `header NAME`, `$.items[*].price` (JSON; every index is `[*]`), `text near "…"`, `text` or `body`. Never
   * longer than 260 characters.
   */
  readonly field: string;
  readonly kind: DifferenceKind;
}

/** One field in which two answers differ, with what each side says there. */
export interface Difference extends FieldDifference {
  /** Redacted and short; null: the side has nothing there. */
  readonly legacy: string | null;
  readonly feature: string | null;
  /** Of two numbers: how far apart; null where they are none. */
  readonly apart: number | null;
}

/** Two answers compared. What is noise is not known here: who collects them knows it. */
export interface AnswersCompared {
  readonly result: Exclude<ComparisonResult, 'noise'>;
  /** Why it was skipped, or what went wrong, in a few words; null otherwise. */
  readonly reason: string | null;
  /** One for each field and kind, at most 50, and then one of {@link MORE_FIELDS}; empty unless `mismatch`. */
  readonly differences: readonly Difference[];
}
