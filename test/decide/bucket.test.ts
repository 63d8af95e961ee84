import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketOfValue, bucketsOfPlaces, PLACES, seedOf } from '../../src/decide/bucket.ts';

const NAME = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);

describe('a contract between routers and versions: these numbers never change', () => {
  test.each([
    ['orders', [9465, 9430, 5691, 5094, 9475, 581]],
    ['search', [1277, 5842, 1330, 501, 8745, 2881]],
    ['a', [6031, 2717, 4366, 1037, 1564, 6726]],
  ])('places 0, 1, 2, 1234, 5000 and 9999 of %s', (feature, expected) => {
    const buckets = bucketsOfPlaces(feature);
    expect([0, 1, 2, 1234, 5000, 9999].map((place) => buckets[place])).toEqual(expected);
  });

  test.each([
    ['orders', '42', 6269],
    ['search', '42', 1469],
    ['orders', 'alice@example.com', 8021],
    ['orders', '203.0.113.9', 822],
    ['orders', '20010db800000001', 8288],
  ])('%s and the value %s', (feature, value, bucket) => {
    expect(bucketOfValue(seedOf(feature), value)).toBe(bucket);
  });
});

test('places are permuted: a share has exactly its part of them', () => {
  fc.assert(
    fc.property(NAME, (feature) => {
      expect(new Set(bucketsOfPlaces(feature)).size).toBe(PLACES);
      expect(Math.max(...bucketsOfPlaces(feature))).toBe(PLACES - 1);
    }),
    { numRuns: 20 },
  );
});

/** How far a count may be from its mean: six deviations, which chance passes once in 500 million. */
const DEVIATIONS = 6;

test('features are independent: of the clients of one, another has its share and no more', () => {
  const share = fc.integer({ min: 500, max: 5_000 });
  fc.assert(
    fc.property(NAME, NAME, share, share, (one, other, shareOfOne, shareOfOther) => {
      fc.pre(one !== other);
      const [first, second] = [bucketsOfPlaces(one), bucketsOfPlaces(other)];
      const both = first.filter((bucket, place) => bucket < shareOfOne && second[place]! < shareOfOther);
      const [p, q] = [shareOfOne / PLACES, shareOfOther / PLACES];
      const deviation = Math.sqrt(PLACES * p * (1 - p) * q * (1 - q));
      expect(Math.abs(both.length - PLACES * p * q)).toBeLessThan(DEVIATIONS * deviation);
    }),
    { numRuns: 50 },
  );
});

test('features are independent for values too, however alike these are', () => {
  const values = Array.from({ length: PLACES }, (_, i) => `user-${i}`);
  fc.assert(
    fc.property(NAME, NAME, (one, other) => {
      fc.pre(one !== other);
      const [first, second] = [seedOf(one), seedOf(other)];
      const inside = values.filter((value) => bucketOfValue(first, value) < 1_000);
      const both = inside.filter((value) => bucketOfValue(second, value) < 1_000);
      expect(Math.abs(inside.length - 1_000)).toBeLessThan(DEVIATIONS * Math.sqrt(PLACES * 0.09));
      expect(Math.abs(both.length - 100)).toBeLessThan(DEVIATIONS * Math.sqrt(PLACES * 0.0099));
    }),
    { numRuns: 30 },
  );
});
