import { expect, test } from 'vitest';
import { murmurHash } from '../../src/decide/murmur-hash.ts';

/** Vectors that other implementations of MurmurHash3_x86_32 publish. */
test.each([
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['a', 0x9747b28c, 0x7fa09ea6],
  ['aaaa', 0x9747b28c, 0x5a97808a],
  ['abc', 0, 0xb3dd93fa],
  ['hello', 0, 0x248bfa47],
  ['hello, world', 0, 0x149bbb7f],
  ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
])('%j with seed %i', (bytes, seed, expected) => {
  expect(murmurHash(bytes, seed)).toBe(expected);
});

test('bytes from 0x80 on count as bytes', () => {
  expect(murmurHash('\u00ff\u00ff\u00ff\u00ff', 0)).toBe(0x76293b50);
});
