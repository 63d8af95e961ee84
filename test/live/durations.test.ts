import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUCKETS,
  bucketOf,
  countFrom,
  firstBucketAbove,
  p95Of,
  upperEdgeMs,
} from '../../src/live/durations.ts';

const duration = fc.double({ min: 0.1, max: 400_000, noNaN: true });

describe('durations', () => {
  it('lie in a bucket whose edges are at most 4.5 % apart', () => {
    fc.assert(
      fc.property(duration, (ms) => {
        const bucket = bucketOf(ms);
        expect(upperEdgeMs(bucket)).toBeGreaterThanOrEqual(ms * 0.999_999);
        expect(upperEdgeMs(bucket) / 1.045).toBeLessThanOrEqual(ms);
      }),
    );
  });

  it('below and beyond the range are counted too', () => {
    expect([bucketOf(0), bucketOf(0.05), bucketOf(1e9), bucketOf(Number.POSITIVE_INFINITY)]).toEqual([
      0,
      0,
      BUCKETS - 1,
      BUCKETS - 1,
    ]);
  });

  it('above a limit are never overcounted', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 50 }), duration, (all, limit) => {
        const counts = new Uint32Array(BUCKETS);
        for (const ms of all) counts[bucketOf(ms)]!++;
        const above = countFrom(counts, firstBucketAbove(limit));
        expect(above).toBeLessThanOrEqual(all.filter((ms) => ms > limit).length);
        expect(above).toBeGreaterThanOrEqual(all.filter((ms) => ms > limit * 1.046).length);
      }),
    );
  });

  it('give a 95th percentile that is at most one bucket too high', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (all) => {
        const counts = new Uint32Array(BUCKETS);
        for (const ms of all) counts[bucketOf(ms)]!++;
        const exact = [...all].sort((a, b) => a - b)[Math.ceil(all.length * 0.95) - 1] as number;
        const read = p95Of(counts) as number;
        expect(read).toBeGreaterThanOrEqual(exact * 0.999_999);
        expect(read).toBeLessThanOrEqual(exact * 1.046);
      }),
    );
    expect(p95Of(new Uint32Array(BUCKETS))).toBe(null);
  });
});
