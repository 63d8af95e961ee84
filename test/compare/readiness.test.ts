import { describe, expect, it } from 'vitest';
import { readinessOf } from '../../src/compare/readiness.ts';
import { wilsonBounds } from '../../src/compare/wilson.ts';

const WHEN = { match: 0.995, min: 2_000 };

describe("Wilson's bounds", () => {
  it.each([
    // As the formula's author and any table give them.
    [81, 263, 0.2553, 0.3662],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [1, 1, 0.2065, 1],
  ])('of %i of %i are %f and %f', (hits, all, lower, upper) => {
    const bounds = wilsonBounds(hits, all);
    expect(bounds.lower).toBeCloseTo(lower, 4);
    expect(bounds.upper).toBeCloseTo(upper, 4);
  });

  it('of nothing say nothing', () => {
    expect(wilsonBounds(0, 0)).toEqual({ lower: 0, upper: 1 });
  });
});

describe('the verdict', () => {
  it('is too little data at first, and says how much is missing', () => {
    expect(readinessOf(0, 0, WHEN)).toMatchObject({ kind: 'too_little_data', missing: 2_000 });
    expect(readinessOf(1_500, 1_500, WHEN)).toMatchObject({ kind: 'too_little_data', missing: 500 });
    expect(readinessOf(1_999, 1_999, WHEN)).toMatchObject({ kind: 'too_little_data', missing: 1 });
  });

  it('is ready from the last missing one on', () => {
    for (const [same, compared] of [
      [1_990, 1_998],
      [2_490, 2_500],
      [0, 0],
      [700, 701],
    ] as const) {
      const { kind, missing } = readinessOf(same, compared, WHEN);
      expect(kind).toBe('too_little_data');
      expect(readinessOf(same + missing - 1, compared + missing - 1, WHEN).kind).toBe('too_little_data');
      expect(readinessOf(same + missing, compared + missing, WHEN).kind).toBe('ready');
    }
  });

  it('is not ready when the share is surely below', () => {
    expect(readinessOf(900, 1_000, WHEN).kind).toBe('not_ready');
    expect(readinessOf(1_990, 2_000, WHEN).kind).toBe('too_little_data');
  });

  it('asks for no more than the file does', () => {
    expect(readinessOf(1, 1, { match: 0, min: 0 }).kind).toBe('ready');
    expect(readinessOf(0, 0, { match: 0, min: 0 }).kind).toBe('too_little_data');
    expect(readinessOf(9, 9, { match: 1, min: 10 })).toMatchObject({ kind: 'too_little_data', missing: 1 });
    expect(readinessOf(10, 10, { match: 1, min: 10 }).kind).toBe('ready');
    expect(readinessOf(10_000, 10_001, { match: 1, min: 10 }).kind).toBe('not_ready');
  });
});

/** How many of `runs` features with that share of mismatches were ever ready, looked at after each request. */
function everReady(mismatches: number, requests: number, when: typeof WHEN, runs = 1_000): number {
  const random = randomNumbers(20_261_123);
  let ready = 0;
  for (let run = 0; run < runs; run++) if (isEverReady(mismatches, requests, when, random)) ready++;
  return ready;
}

function isEverReady(share: number, requests: number, when: typeof WHEN, random: () => number): boolean {
  let same = 0;
  for (let compared = 1; compared <= requests; compared++) {
    if (random() >= share) same++;
    const isWorthALook = compared >= when.min && wilsonBounds(same, compared).lower >= when.match;
    if (isWorthALook) return readinessOf(same, compared, when).kind === 'ready';
  }
  return false;
}

/** Mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('who looks after each request', () => {
  it('is told in at most 2 of 100 runs that a feature with 1 % of mismatches is ready', () => {
    expect(everReady(0.01, 10_000, WHEN)).toBeLessThanOrEqual(20);
  });

  it('is told so also where next to nothing is asked for', () => {
    expect(everReady(0.01, 10_000, { match: 0.995, min: 1 })).toBeLessThanOrEqual(20);
    expect(everReady(0.1, 2_000, { match: 0.95, min: 1 })).toBeLessThanOrEqual(20);
  });

  it('learns that a feature of parity is ready with the first requests that suffice', () => {
    expect(everReady(0, 2_000, WHEN, 10)).toBe(10);
    expect(everReady(0.001, 6_000, WHEN, 200)).toBeGreaterThanOrEqual(190);
  });
});
