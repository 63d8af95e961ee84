/** Chance that is the same in every run: numbers 0 … 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed around 0 with deviation 1. */
export function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How many independent events fall into a while in which this many are to be expected. */
export function poisson(random: () => number, expected: number): number {
  const end = Math.exp(-expected);
  let count = -1;
  for (let product = 1; product > end; product *= random()) count++;
  return count;
}
