import { describe, expect, it } from 'vitest';
import { LiveEndpoint } from '../../src/live/live-endpoint.ts';

const URL_OF = { secure: false, host: 'orders', port: 3000, basePath: '' };
const endpoint = (): LiveEndpoint => new LiveEndpoint('key', 'orders', { url: URL_OF, address: '10.0.0.1' });

describe('LiveEndpoint', () => {
  it('is ejected for half a second after a failed connection, then for longer, up to five seconds', () => {
    const one = endpoint();
    let now = 0;
    const lengths = [...Array(6).keys()].map(() => {
      one.connectFailed(now);
      const from = now;
      while (one.isEjected(now)) now += 100;
      return now - from;
    });
    expect(lengths).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('counts failures at the same moment once', () => {
    const one = endpoint();
    for (let i = 0; i < 100; i++) one.connectFailed(i / 10);
    expect(one.isEjected(499)).toBe(true);
    expect(one.isEjected(500)).toBe(false);
  });

  it('lets one request try it, and is as good as any when nothing bad is heard of that', () => {
    const one = endpoint();
    one.connectFailed(0);
    one.picked(600);
    expect(one.isEjected(601)).toBe(true);
    expect(one.isEjected(2_600)).toBe(false);
    one.picked(2_600);
    expect(one.isEjected(2_601)).toBe(false);
    one.connectFailed(3_000);
    expect(one.isEjected(3_500)).toBe(false);
  });

  it('is ejected for twice as long when the one that tried failed', () => {
    const one = endpoint();
    one.connectFailed(0);
    one.picked(600);
    one.connectFailed(700);
    expect(one.isEjected(1_699)).toBe(true);
    expect(one.isEjected(1_700)).toBe(false);
  });

  it('tells its pool when it is removed', () => {
    const one = endpoint();
    let told = 0;
    one.onRemoved = () => {
      told++;
    };
    one.remove();
    expect([one.removed, told]).toEqual([true, 1]);
  });
});
