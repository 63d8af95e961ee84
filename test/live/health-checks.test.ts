import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HealthChecks } from '../../src/live/health-checks.ts';
import { LiveEndpoint } from '../../src/live/live-endpoint.ts';
import type { Backend, HealthCheck } from '../../src/model/route-table.ts';
import { plainBackend } from '../support/plain-backend.ts';

const HEALTH: HealthCheck = {
  path: '/healthz',
  intervalMs: 5_000,
  timeoutMs: 2_000,
  healthyAfter: 2,
  unhealthyAfter: 3,
  expect: [[200, 399]],
};

function endpointAt(address: string): LiveEndpoint {
  const url = { secure: false, host: 'orders', port: 3000, basePath: '' };
  return new LiveEndpoint(address, 'orders', { url, address });
}

interface Asked {
  readonly endpoint: LiveEndpoint;
  readonly backend: Backend;
  readonly path: string;
  readonly done: (problem: string | null) => void;
  isGivenUp: boolean;
}

function setUp(random = 0.5) {
  const asked: Asked[] = [];
  const checks = new HealthChecks({
    check(endpoint, { backend, health }, done) {
      const one = { endpoint, backend, path: health.path, done, isGivenUp: false };
      asked.push(one);
      return () => {
        one.isGivenUp = true;
      };
    },
    random: () => random,
    now: () => performance.now(),
    time: Date.now,
  });
  const backend = (health: HealthCheck | null = HEALTH): Backend =>
    plainBackend('orders', ['http://orders'], { health });
  /** Answers the question that is open, and waits until the next one is. */
  const answer = (problem: string | null): void => {
    asked.at(-1)?.done(problem);
    vi.advanceTimersByTime(HEALTH.intervalMs);
  };
  return { asked, checks, backend, answer };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an endpoint that is checked', () => {
  it('begins unchecked, and its first answer decides alone', () => {
    for (const problem of [null, 'it answered 503']) {
      const { asked, checks, backend } = setUp();
      const endpoint = endpointAt('10.0.0.1');
      checks.follow([{ backend: backend(), endpoints: [endpoint] }]);
      expect([endpoint.health, asked.length]).toEqual(['unchecked', 0]);
      vi.advanceTimersByTime(200);
      expect(asked).toHaveLength(1);
      asked[0]?.done(problem);
      expect(endpoint.health).toBe(problem === null ? 'healthy' : 'unhealthy');
      expect(endpoint.status(0)).toMatchObject(
        problem === null ? { state: 'available', why: null } : { state: 'unhealthy', why: problem },
      );
      checks.close();
    }
  });

  it('then it takes so many in a row', () => {
    const { checks, backend, answer } = setUp();
    const endpoint = endpointAt('10.0.0.1');
    const news: string[] = [];
    endpoint.onNews = ({ kind }) => void news.push(kind);
    checks.follow([{ backend: backend(), endpoints: [endpoint] }]);
    vi.advanceTimersByTime(200);
    const states = [null, 'x', 'x', null, 'x', 'x', 'x', 'x', null, 'x', null, null, null].map((problem) => {
      answer(problem);
      return endpoint.health;
    });
    const [good, bad] = ['healthy', 'unhealthy'];
    expect(states).toEqual([
      ...[good, good, good, good, good, good, bad],
      ...[bad, bad, bad, bad, good, good],
    ]);
    expect(news).toEqual(['unhealthy', 'healthy']);
    checks.close();
  });

  it.each([
    [0, 4_500],
    [0.5, 5_000],
    [1, 5_500],
  ])('is asked again after the interval, a tenth earlier or later (%d: %i ms)', (random, ms) => {
    const { asked, checks, backend } = setUp(random);
    checks.follow([{ backend: backend(), endpoints: [endpointAt('10.0.0.1')] }]);
    vi.advanceTimersByTime(200);
    vi.advanceTimersByTime(1_000);
    asked[0]?.done(null);
    // From the start of the last one.
    const startedAgo = 1_000 + 200 * (1 - random);
    vi.advanceTimersByTime(ms - startedAgo - 1);
    expect(asked).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(asked).toHaveLength(2);
    checks.close();
  });

  it('is never asked twice at once, however long an answer takes', () => {
    const { asked, checks, backend } = setUp();
    checks.follow([{ backend: backend(), endpoints: [endpointAt('10.0.0.1')] }]);
    vi.advanceTimersByTime(60_000);
    expect(asked).toHaveLength(1);
    asked[0]?.done('no answer within 2000 ms');
    vi.advanceTimersByTime(0);
    expect(asked).toHaveLength(2);
    checks.close();
  });
});

describe('checks follow the table', () => {
  it('end with the backend, the question under way given up', () => {
    const { asked, checks, backend } = setUp();
    const endpoint = endpointAt('10.0.0.1');
    checks.follow([{ backend: backend(), endpoints: [endpoint] }]);
    vi.advanceTimersByTime(200);
    checks.follow([]);
    expect([asked[0]?.isGivenUp, endpoint.health, vi.getTimerCount()]).toEqual([true, null, 0]);
    expect(endpoint.status(0)).toMatchObject({ state: 'available', nextProbeAt: null });
  });

  it('end where the block is gone, and begin anew where it changed', () => {
    const { asked, checks, backend, answer } = setUp();
    const endpoint = endpointAt('10.0.0.1');
    checks.follow([{ backend: backend(), endpoints: [endpoint] }]);
    vi.advanceTimersByTime(200);
    answer('x');
    expect(endpoint.health).toBe('unhealthy');
    checks.follow([{ backend: backend({ ...HEALTH, path: '/up' }), endpoints: [endpoint] }]);
    expect(endpoint.health).toBe('unchecked');
    vi.advanceTimersByTime(200);
    expect(asked.at(-1)?.path).toBe('/up');
    checks.follow([{ backend: backend(null), endpoints: [endpoint] }]);
    expect([endpoint.health, vi.getTimerCount()]).toEqual([null, 0]);
  });

  it('go on where the block is the same, by what the backend is now', () => {
    const { asked, checks, backend, answer } = setUp();
    const endpoint = endpointAt('10.0.0.1');
    checks.follow([{ backend: backend(), endpoints: [endpoint] }]);
    vi.advanceTimersByTime(200);
    answer('x');
    const next = backend({ ...HEALTH });
    checks.follow([{ backend: next, endpoints: [endpoint, endpointAt('10.0.0.2')] }]);
    expect(endpoint.health).toBe('unhealthy');
    vi.advanceTimersByTime(200);
    expect(asked.map(({ endpoint: { address } }) => address)).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.2']);
    asked[1]?.done(null);
    vi.advanceTimersByTime(5_000);
    expect(asked.at(-1)?.backend).toBe(next);
    checks.close();
  });

  it('a thousand times over leave no timers behind', () => {
    const { checks, backend } = setUp();
    for (let i = 0; i < 1_000; i++) {
      checks.follow([{ backend: backend(), endpoints: [endpointAt('10.0.0.1'), endpointAt('10.0.0.2')] }]);
    }
    expect(vi.getTimerCount()).toBe(2);
    checks.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
