import { describe, expect, it } from 'vitest';
import { limitParallel } from '../../src/live/limit-parallel.ts';

describe('limitParallel', () => {
  it('runs at most so many at a time, all in the end, in order', async () => {
    let running = 0;
    let most = 0;
    const begun: number[] = [];
    const limited = limitParallel(3, async (i: number) => {
      begun.push(i);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return i * 2;
    });
    const numbers = [...Array(20).keys()];
    expect(await Promise.all(numbers.map((i) => limited(i)))).toEqual(numbers.map((i) => i * 2));
    expect([most, begun]).toEqual([3, numbers]);
  });

  it('goes on after one that failed', async () => {
    const limited = limitParallel(1, async (fails: boolean) => {
      if (fails) throw new Error('no');
      return 'yes';
    });
    const [failed, fine] = [limited(true), limited(false)];
    await expect(failed).rejects.toThrow('no');
    await expect(fine).resolves.toBe('yes');
  });
});
