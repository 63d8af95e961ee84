/**
 * Counts by a small number: a status code, or an index into a closed set. Two parallel arrays searched from the
 * front, since a route answers with a handful of codes and the first one seen is nearly always the one wanted; a Map
 * costs several times as much memory for each of thousands of routes.
 *
 * Most routes of a large table are never asked for, and a reload declares all of them at once: so they share one
 * tally of zeros, and a route gets its own with its first count.
 */
export interface Tally {
  readonly keys: number[];
  readonly counts: number[];
  readonly isShared: boolean;
}

/** A tally with these keys at 0, to be shared. */
export function zeroTally(keys: readonly number[]): Tally {
  return { keys: [...keys], counts: keys.map(() => 0), isShared: true };
}

/** Counts one. Returns the tally to keep: another one if it was shared. */
export function count(tally: Tally, key: number): Tally {
  return add(tally, key, 1);
}

/** The tally with the keys of another one put in at 0, where they are not counted yet. */
export function declare(tally: Tally, zeros: Tally): Tally {
  let declared = tally;
  for (const key of zeros.keys) {
    if (!declared.keys.includes(key)) declared = add(declared, key, 0);
  }
  return declared;
}

function add(tally: Tally, key: number, by: number): Tally {
  const own = tally.isShared
    ? { keys: tally.keys.slice(), counts: tally.counts.slice(), isShared: false }
    : tally;
  const at = own.keys.indexOf(key);
  if (at >= 0) {
    own.counts[at] = (own.counts[at] as number) + by;
  } else {
    own.keys.push(key);
    own.counts.push(by);
  }
  return own;
}
