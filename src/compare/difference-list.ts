import { type Difference, MORE_FIELDS } from '../model/comparison.ts';

/** Of two answers that have nothing in common a list says no more than of two that differ much. */
const MOST = 50;

/** Stands for all that is not in the list, so that noise in the fields that are never covers what is not. */
const MORE: Difference = { field: MORE_FIELDS, kind: 'value', legacy: null, feature: null, apart: null };

/** Collects what differs: the first example of each field and kind, and how far numbers are apart at most. */
export class DifferenceList {
  readonly #found = new Map<string, Difference>();
  #isFull = false;

  add(difference: Difference): void {
    const key = `${difference.kind} ${difference.field}`;
    const known = this.#found.get(key);
    if (known === undefined) {
      if (this.#found.size < MOST) this.#found.set(key, difference);
      else this.#isFull = true;
    } else if (difference.apart !== null && difference.apart > (known.apart ?? 0))
      this.#found.set(key, difference);
  }

  all(): Difference[] {
    return this.#isFull ? [...this.#found.values(), MORE] : [...this.#found.values()];
  }
}
