import { murmurHash } from './murmur-hash.ts';

/**
 * A client's bucket for a feature, 0 … 9999. Two routers, two processes and two versions must agree on it, or a client
 * would change sides with the replica that answers it: so the numbers are a contract (docs/canary.md; a test holds
 * vectors of them), and nothing here may change without a new name for what it does.
 *
 * - From a place: a permutation per feature, so that shares are exact and no feature hits the same clients as another.
 * - From a value (a header, a cookie of the site's own, an address): a hash of feature and value.
 */

/** How many places, and so buckets, there are: a share of 0.01 % is one of them. */
export const PLACES = 10_000;

/**
 * The bucket of each place: Fisher–Yates from the last place down, driven by xoshiro128** (Blackman and Vigna) whose
 * state is the MurmurHash of the feature's name with the seeds 1 to 4. A number below `n` is the high word of its
 * product with `n`; with 32 bits the bias is below 10 000 / 2³².
 */
export function bucketsOfPlaces(feature: string): Uint16Array {
  const random = xoshiro([1, 2, 3, 4].map((seed) => murmurHash(feature, seed)));
  const buckets = Uint16Array.from({ length: PLACES }, (_, place) => place);
  for (let last = PLACES - 1; last > 0; last -= 1) {
    const other = below(random(), last + 1);
    const bucket = buckets[last] as number;
    buckets[last] = buckets[other] as number;
    buckets[other] = bucket;
  }
  return buckets;
}

/** The bucket of a value. `seed` is {@link seedOf} its feature; `value` has one character a byte. */
export function bucketOfValue(seed: number, value: string): number {
  return murmurHash(value, seed) % PLACES;
}

/** What makes the buckets of values differ between features. */
export function seedOf(feature: string): number {
  return murmurHash(feature, 0);
}

/** The high word of a product: 32 random bits brought to 0 … `count` − 1. */
function below(bits: number, count: number): number {
  return Math.floor((bits * count) / 2 ** 32);
}

function xoshiro([first = 0, second = 0, third = 0, fourth = 0]: readonly number[]): () => number {
  let [a, b, c, d] = [first, second, third, fourth];
  return () => {
    const drawn = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return drawn;
  };
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
