/**
 * MurmurHash3, the 32-bit form for x86 (public domain, Austin Appleby), since it is short, mixes well, and exists in
 * every language: whoever wants to know a client's bucket outside of Banyan can compute it (docs/canary.md). It is no
 * secret and keeps none: a client may choose its side, and canaries are not access control.
 */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/** 32 bits of the bytes, unsigned. `bytes` has one character a byte; `seed` has 32 bits. */
export function murmurHash(bytes: string, seed: number): number {
  const whole = bytes.length & ~3;
  let hash = seed | 0;
  for (let i = 0; i < whole; i += 4) {
    hash ^= scramble(wordAt(bytes, i, 4));
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash ^= scramble(wordAt(bytes, whole, bytes.length - whole));
  return finish(hash ^ bytes.length);
}

/** Little-endian; fewer than four bytes fill the low end. */
function wordAt(bytes: string, start: number, count: number): number {
  let word = 0;
  for (let i = 0; i < count; i += 1) word |= (bytes.charCodeAt(start + i) & 0xff) << (8 * i);
  return word;
}

/** 0 for 0: a length that is a multiple of four adds nothing at its end. */
function scramble(word: number): number {
  const mixed = Math.imul(word, C1);
  return Math.imul((mixed << 15) | (mixed >>> 17), C2);
}

function finish(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
