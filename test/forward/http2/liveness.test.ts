import { describe, expect, it } from 'vitest';
import { Liveness } from '../../../src/forward/http2/liveness.ts';

const MINUTE = 60_000;

describe('the life of the other end', () => {
  it('is asked about after 10 s of silence', () => {
    const liveness = new Liveness(0);
    expect(liveness.isSilent(9_999)).toBe(false);
    expect(liveness.isSilent(10_000)).toBe(true);
    liveness.lastReadAt = 5_000;
    expect(liveness.isSilent(10_000)).toBe(false);
  });

  it('is over when it owes an answer for 10 s and says nothing', () => {
    const liveness = new Liveness(0);
    expect(liveness.isDead(MINUTE)).toBe(false);
    expect(liveness.mayAsk(10_000)).toBe(true);
    expect(liveness.isDoubtful(10_500)).toBe(false);
    expect(liveness.isDoubtful(11_000)).toBe(true);
    expect(liveness.isDead(19_999)).toBe(false);
    expect(liveness.isDead(20_000)).toBe(true);
  });

  it('is not in doubt while other things come', () => {
    const liveness = new Liveness(0);
    liveness.mayAsk(10_000);
    liveness.lastReadAt = 15_000;
    expect(liveness.isDoubtful(16_000)).toBe(false);
    expect(liveness.isDead(20_000)).toBe(false);
  });

  it('is asked about once at a time', () => {
    const liveness = new Liveness(0);
    expect(liveness.mayAsk(0)).toBe(true);
    expect(liveness.mayAsk(1)).toBe(false);
    liveness.heardAnswer();
    expect(liveness.mayAsk(2)).toBe(true);
  });

  it('is asked about twice in a silence, and then as seldom as gRPC servers want', () => {
    const liveness = new Liveness(0);
    const asked: number[] = [];
    for (let now = 0; now < 20 * MINUTE; now += 1_000) {
      if (!liveness.mayAsk(now)) continue;
      asked.push(now);
      liveness.heardAnswer();
    }
    expect(asked.slice(0, 2)).toEqual([0, 1_000]);
    const gaps = asked.slice(2).map((at, i) => at - (asked[i + 1] as number));
    expect(gaps.length).toBe(3);
    expect(Math.min(...gaps)).toBeGreaterThan(5 * MINUTE);
    liveness.heardWord();
    expect(liveness.mayAsk(20 * MINUTE)).toBe(true);
  });
});
