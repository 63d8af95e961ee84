import type { Difference } from '../model/comparison.ts';

/** Of two answers that have nothing in common a list says no more than of two that differ much. */
const MOST = 100;

/** Collects what differs: the first example of each field and kind, and how far numbers are apart at most. */
export class DifferenceList {
  readonly #found = new Map<string, Difference>();

  add(difference: Difference): void {
    const key = `${difference.kind} ${difference.field}`;
    const known = this.#found.get(key);
    if (known === undefined) {
      if (this.#found.size < MOST) this.#found.set(key, difference);
    } else if (difference.apart !== null && difference.apart > (known.apart ?? 0))
      this.#found.set(key, difference);
  }

  all(): Difference[] {
    return [...this.#found.values()];
  }
}
