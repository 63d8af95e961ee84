import { describe, expect, it } from 'vitest';
import { PROVEN } from '../../src/live/evidence.ts';
import { evidenceOfSlowdown, evidenceOfSlowness } from '../../src/live/evidence-of-times.ts';
import { SideTally } from '../../src/live/side-tally.ts';
import { gauss, seeded } from '../support/seeded.ts';

/** Log-normal durations around a median. */
function durations(many: number, medianMs: number, seed: number, sigma = 0.6): Uint32Array {
  const random = seeded(seed);
  const tally = new SideTally(true);
  for (let i = 0; i < many; i++) tally.count(false, medianMs * Math.exp(sigma * gauss(random)));
  return tally.times as Uint32Array;
}

describe('evidenceOfSlowness', () => {
  it('is none up to the limit, and grows beyond it', () => {
    const fast = durations(1_000, 50, 1);
    expect(evidenceOfSlowness(fast, 800)).toBe(0);
    expect(evidenceOfSlowness(fast, 60)).toBeGreaterThan(PROVEN);
    expect(evidenceOfSlowness(new SideTally(true).times as Uint32Array, 1)).toBe(0);
  });
});

describe('evidenceOfSlowdown', () => {
  it('is none for equal sides, for a faster feature, and for nothing', () => {
    const [one, other] = [durations(3_000, 50, 2), durations(3_000, 50, 3)];
    expect(evidenceOfSlowdown(one, other, 1.5)).toBe(0);
    expect(evidenceOfSlowdown(durations(500, 10, 4), other, 1)).toBe(0);
    const nothing = new SideTally(true).times as Uint32Array;
    expect([evidenceOfSlowdown(nothing, other, 1), evidenceOfSlowdown(one, nothing, 1)]).toEqual([0, 0]);
  });

  it('proves a feature that is twice as slow, with a limit of 1.5', () => {
    expect(evidenceOfSlowdown(durations(3_000, 100, 5), durations(3_000, 50, 6), 1.5)).toBeGreaterThan(
      PROVEN,
    );
    expect(evidenceOfSlowdown(durations(3_000, 100, 5), durations(3_000, 50, 6), 2.2)).toBe(0);
  });

  it('sees a slow tail alone', () => {
    const own = new SideTally(true);
    const legacy = new SideTally(true);
    for (let i = 0; i < 1_000; i++) {
      own.count(false, i % 10 === 0 ? 900 : 20);
      legacy.count(false, 20);
    }
    const [ours, theirs] = [own.times as Uint32Array, legacy.times as Uint32Array];
    expect(evidenceOfSlowdown(ours, theirs, 1.5)).toBeGreaterThan(PROVEN);
    expect(evidenceOfSlowdown(theirs, ours, 1.5)).toBe(0);
  });

  it('needs more where there is little', () => {
    expect(evidenceOfSlowdown(durations(30, 100, 7), durations(30, 50, 8), 1.5)).toBeLessThan(PROVEN);
  });
});
