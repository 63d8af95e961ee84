import { distance } from 'fastest-levenshtein';

/** How many comparisons one file may cost: 5 000 wrong names among 5 000 must not take seconds. */
const MAX_COMPARISONS = 200_000;

/** Finds the name that was meant, among those that exist. One per file. */
export class DidYouMean {
  #left = MAX_COMPARISONS;

  /** ` (did you mean "orders"?)`, or '' when nothing is near. */
  hint(written: string, known: Iterable<string>): string {
    const nearest = this.nearest(written, known);
    return nearest === null ? '' : ` (did you mean "${nearest}"?)`;
  }

  /** The known name that differs least, if it differs by little: a third of its letters. */
  nearest(written: string, known: Iterable<string>): string | null {
    const lower = written.toLowerCase();
    let best: string | null = null;
    let least = Math.max(1, Math.ceil(written.length / 3)) + 1;
    for (const name of known) {
      if (this.#left-- <= 0) return best;
      if (Math.abs(name.length - written.length) >= least) continue;
      const edits = distance(lower, name.toLowerCase());
      if (edits < least) [best, least] = [name, edits];
    }
    return best;
  }
}
