import { describe, expect, it } from 'vitest';
import { hashText, mixHashes } from '../../src/live/hash-text.ts';

describe('hashText', () => {
  it('is FNV-1a, the same in every process', () => {
    expect(hashText('')).toBe(0x811c9dc5);
    expect(hashText('a')).toBe(0xe40c292c);
    expect(hashText('foobar')).toBe(0xbf9cf968);
  });
});

describe('mixHashes', () => {
  it('moves about half of the bits when one bit of either side moves', () => {
    const base = mixHashes(hashText('10.0.0.1 80 '), hashText('client'));
    const moved = [...Array(32).keys()].map((bit) => {
      const other = mixHashes(hashText('10.0.0.1 80 '), hashText('client') ^ (1 << bit));
      return (other ^ base) >>> 0;
    });
    const bits = moved.map((value) => value.toString(2).replaceAll('0', '').length);
    expect(bits.reduce((sum, count) => sum + count) / bits.length).toBeGreaterThan(12);
    expect(bits.reduce((sum, count) => sum + count) / bits.length).toBeLessThan(20);
  });
});
