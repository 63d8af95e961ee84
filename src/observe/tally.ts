/**
 * Counts by a small number: a status code, or an index into a closed set. Two parallel arrays searched from the
 * front, since a route answers with a handful of codes and the first one seen is nearly always the one wanted; a Map
 * costs several times as much memory for each of thousands of routes.
 */
export interface Tally {
  readonly keys: number[];
  readonly counts: number[];
}

/** A tally with these keys at 0. The arrays are made to size: there are thousands of them, and most never grow. */
export function newTally(keys: readonly number[]): Tally {
  return { keys: keys.slice(), counts: keys.map(() => 0) };
}

/** Puts keys in at 0 where they are not counted yet. */
export function declare(tally: Tally, keys: readonly number[]): void {
  for (const key of keys) {
    if (!tally.keys.includes(key)) add(tally, key, 0);
  }
}

/** Counts one. */
export function count(tally: Tally, key: number): void {
  add(tally, key, 1);
}

function add(tally: Tally, key: number, by: number): void {
  const at = tally.keys.indexOf(key);
  if (at >= 0) {
    tally.counts[at] = (tally.counts[at] as number) + by;
  } else {
    tally.keys.push(key);
    tally.counts.push(by);
  }
}
