import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceAbove, evidenceOfExcess, PROVEN, surelyAbove } from '../../src/live/evidence.ts';

/** P(X ≥ hits) of a binomial, exactly. */
function tail(hits: number, of: number, share: number): number {
  let term = (1 - share) ** of;
  let below = 0;
  for (let k = 0; k < hits; k++) {
    below += term;
    term *= ((of - k) / (k + 1)) * (share / (1 - share));
  }
  return Math.max(0, 1 - below);
}

const counted = fc
  .tuple(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([of, part]) => ({ of, hits: Math.round(of * part) }));
const limit = fc.double({ min: 0.001, max: 0.5, noNaN: true });

describe('evidenceAbove', () => {
  it('is none where the share lies within the limit', () => {
    expect(evidenceAbove({ hits: 0, of: 0 }, 0.01)).toBe(0);
    expect(evidenceAbove({ hits: 5, of: 100 }, 0.05)).toBe(0);
    expect(evidenceAbove({ hits: 4, of: 100 }, 0.05)).toBe(0);
  });

  it('grows with the hits, and with equal shares of more', () => {
    expect(evidenceAbove({ hits: 8, of: 100 }, 0.05)).toBeGreaterThan(
      evidenceAbove({ hits: 7, of: 100 }, 0.05),
    );
    expect(evidenceAbove({ hits: 70, of: 1_000 }, 0.05)).toBeGreaterThan(
      evidenceAbove({ hits: 7, of: 100 }, 0.05),
    );
  });

  it.each([
    [200, 0.05],
    [200, 0.01],
    [3_000, 0.001],
    [3_000, 0.05],
  ])('calls proven, of %i at %f, what happens by chance in less than 1 of 20 000 cases', (of, share) => {
    let hits = 0;
    while (evidenceAbove({ hits, of }, share) < PROVEN) hits++;
    expect(tail(hits, of, share)).toBeLessThan(5e-5);
    expect(tail(hits, of, share)).toBeGreaterThan(1e-7);
  });

  it('of a limit of nothing is complete with the first hit', () => {
    expect(evidenceAbove({ hits: 1, of: 1_000 }, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(evidenceAbove({ hits: 0, of: 1_000 }, 0)).toBe(0);
  });
});

describe('evidenceOfExcess', () => {
  it('is none where the excess lies within the limit, or a side has nothing', () => {
    expect(evidenceOfExcess({ hits: 0, of: 0 }, { hits: 0, of: 10 }, 0)).toBe(0);
    expect(evidenceOfExcess({ hits: 9, of: 10 }, { hits: 0, of: 0 }, 0)).toBe(0);
    expect(evidenceOfExcess({ hits: 20, of: 1_000 }, { hits: 10, of: 1_000 }, 0.01)).toBe(0);
  });

  it('comes close to that against a fixed share when legacy has very much', () => {
    const legacy = { hits: 10_000, of: 10_000_000 };
    const [own, at] = [{ hits: 20, of: 500 }, 0.01];
    expect(evidenceOfExcess(own, legacy, at)).toBeCloseTo(evidenceAbove(own, 0.001 + at), 2);
  });

  it('never grows with the limit, and is never more than against what legacy shows', () => {
    fc.assert(
      fc.property(counted, counted, limit, limit, (own, legacy, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const atLow = evidenceOfExcess(own, legacy, low);
        expect(atLow).toBeGreaterThanOrEqual(evidenceOfExcess(own, legacy, high) - 1e-6);
        expect(atLow).toBeGreaterThanOrEqual(0);
        const shown = Math.min(1, legacy.hits / legacy.of + low);
        expect(atLow).toBeLessThanOrEqual(evidenceAbove(own, shown) + 1e-6);
      }),
    );
  });

  it('sees 5 % against 0.1 % at 50 requests a second within a minute, also where a tenth is the feature’s', () => {
    expect(evidenceOfExcess({ hits: 75, of: 1_500 }, { hits: 2, of: 1_500 }, 0.01)).toBeGreaterThan(7);
    expect(evidenceOfExcess({ hits: 15, of: 300 }, { hits: 3, of: 2_700 }, 0.01)).toBeGreaterThan(PROVEN);
  });
});

describe('surelyAbove', () => {
  it('is the largest limit that is proven to be passed', () => {
    const own = { hits: 150, of: 3_000 };
    const sure = surelyAbove((at) => evidenceAbove(own, at), 0.01, 1);
    expect(sure).toBeGreaterThan(0.03);
    expect(evidenceAbove(own, sure)).toBeCloseTo(PROVEN, 3);
    expect(surelyAbove((at) => evidenceAbove(own, at), 0.049, 1)).toBe(0.049);
  });
});
