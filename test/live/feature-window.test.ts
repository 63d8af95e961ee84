import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureWindow } from '../../src/live/feature-window.ts';
import { SideTally } from '../../src/live/side-tally.ts';

const none = { requests: 0, errors: 0, times: [] };

describe('FeatureWindow', () => {
  it('forgets what is older than itself, a sixtieth at a time', () => {
    const window = new FeatureWindow(60_000, true, 0);
    const own = { requests: 10, errors: 3, times: [100, 7] };
    window.add({ own, legacy: none }, 500);
    window.moveTo(59_999);
    expect(window.own.counts()).toEqual(own);
    window.moveTo(60_000);
    expect(window.own.counts()).toEqual(none);
  });

  it('holds at every moment what was added in the last window, give or take a slice', () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 900 }),
      requests: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 1e9 }), (steps, start) => {
        const window = new FeatureWindow(6_000, true, start);
        const added: { at: number; requests: number }[] = [];
        let now = start;
        for (const { ms, requests } of steps) {
          now += ms;
          window.add({ own: none, legacy: { requests, errors: 0, times: [5, requests] } }, now);
          added.push({ at: now, requests });
          const since = (from: number): number =>
            added.filter(({ at }) => at > from).reduce((sum, one) => sum + one.requests, 0);
          expect(window.legacy.requests).toBeGreaterThanOrEqual(since(now - 5_900));
          expect(window.legacy.requests).toBeLessThanOrEqual(since(now - 6_001));
          expect(window.legacy.counts().times).toEqual([5, window.legacy.requests]);
        }
      }),
    );
  });

  it('is empty after a long pause, and works on', () => {
    const window = new FeatureWindow(1_000, false, 0);
    window.add({ own: { requests: 5, errors: 5, times: [] }, legacy: none }, 0);
    window.add({ own: { requests: 1, errors: 0, times: [] }, legacy: none }, 1e8);
    expect(window.own.counts()).toEqual({ requests: 1, errors: 0, times: [] });
  });
});

describe('SideTally', () => {
  it('gives plain counts that add up, whoever counted', () => {
    const all = new SideTally(true);
    const parts = [new SideTally(true), new SideTally(true)];
    for (let i = 0; i < 1_000; i++) {
      all.count(i % 7 === 0, i % 3 === 0 ? null : i);
      parts[i % 2]?.count(i % 7 === 0, i % 3 === 0 ? null : i);
    }
    const sum = new SideTally(true);
    for (const part of parts) sum.add(JSON.parse(JSON.stringify(part.counts())));
    expect(sum.counts()).toEqual(all.counts());
    for (const part of parts) sum.subtract(part);
    expect(sum.counts()).toEqual(none);
  });

  it('takes no bucket that there is not', () => {
    const tally = new SideTally(true);
    tally.add({ requests: 1, errors: 0, times: [1_000_000, 5] });
    expect(tally.counts()).toEqual({ requests: 1, errors: 0, times: [] });
  });
});
