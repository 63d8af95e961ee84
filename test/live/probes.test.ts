import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveEndpoint } from '../../src/live/live-endpoint.ts';
import { askByTcp, type ProbeResult, Probes } from '../../src/live/probes.ts';

const URL_OF = { secure: false, host: 'orders', port: 3000, basePath: '' };

/** An endpoint that just refused a connection, with its probes; answers are given by hand. */
function setUp() {
  const asked: ((result: ProbeResult) => void)[] = [];
  const stopped: number[] = [];
  const probes = new Probes((_, done) => {
    const number = asked.push(done);
    return () => void stopped.push(number);
  }, Date.now);
  const endpoint = new LiveEndpoint('key', 'orders', { url: URL_OF, address: '10.0.0.1' });
  endpoint.follow({ breaker: { failures: 3, cooldownMs: 10_000 } });
  endpoint.connectFailed(0, 'connect_refused');
  endpoint.failed('connect_refused', endpoint.epoch);
  probes.follow(endpoint);
  return { asked, stopped, probes, endpoint };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Probes', () => {
  it('ask every 100 ms, one at a time, until the endpoint accepts', () => {
    const { asked, endpoint, probes } = setUp();
    probes.follow(endpoint);
    vi.advanceTimersByTime(99);
    expect(asked).toHaveLength(0);
    vi.advanceTimersByTime(10_000);
    expect(asked).toHaveLength(1);
    asked[0]?.('connect_refused');
    expect(endpoint.isOpen).toBe(false);
    vi.advanceTimersByTime(100);
    asked[1]?.('connect_timeout');
    expect(endpoint.isOpen).toBe(true);
    expect(endpoint.status(0).nextProbeAt).toBe(Date.now() + 100);
    vi.advanceTimersByTime(100);
    asked[2]?.('accepted');
    expect([endpoint.isOpen, endpoint.isEjected(0), endpoint.nextProbeAt]).toEqual([false, false, null]);
    vi.advanceTimersByTime(10_000);
    expect(asked).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('count nothing against an endpoint for faults of our own', () => {
    const { asked, endpoint } = setUp();
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(100);
      asked[i]?.(null);
    }
    expect([asked.length, endpoint.isOpen, endpoint.status(0).consecutiveFailures]).toEqual([20, false, 1]);
  });

  it('end with their endpoint', () => {
    const { asked, endpoint } = setUp();
    endpoint.remove();
    vi.advanceTimersByTime(1_000);
    expect([asked.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('end when they are closed, the one under way too', () => {
    const { probes, stopped, asked } = setUp();
    vi.advanceTimersByTime(100);
    probes.close();
    expect([asked.length, stopped]).toEqual([1, [1]]);
  });
});

describe('askByTcp', () => {
  beforeEach(() => void vi.useRealTimers());
  const ask = (port: number) =>
    new Promise<ProbeResult>((resolve) => askByTcp({ address: '127.0.0.1', port }, resolve));

  it('says whether somebody listens', async () => {
    const server = createServer((socket) => socket.resume());
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    expect(await ask(port)).toBe('accepted');
    await new Promise((resolve) => server.close(resolve));
    expect(await ask(port)).toBe('connect_refused');
  });
});
