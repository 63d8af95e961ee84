import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveEndpoints } from '../../src/live/endpoints.ts';
import type { LiveEndpoint } from '../../src/live/live-endpoint.ts';
import type { ProbeResult } from '../../src/live/probes.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Endpoint } from '../../src/model/ports.ts';
import type { Backend } from '../../src/model/route-table.ts';
import { fakeDiscovery } from '../support/fake-discovery.ts';
import { plainBackend, tableOf } from '../support/plain-backend.ts';

/** Breakers, probes and checks as `forward` and the table meet them: through the port. */

const BREAKER = { failures: 3, cooldownMs: 10_000 };
const HEALTH = {
  path: '/healthz',
  intervalMs: 5_000,
  timeoutMs: 2_000,
  healthyAfter: 1,
  unhealthyAfter: 1,
  expect: [[200, 399]],
} as const;
const ONE = ['http://10.0.0.1'];
const TWO = ['http://10.0.0.1', 'http://10.0.0.2'];

function setUp(urls: readonly string[], changes: Partial<Backend> = { breaker: BREAKER }) {
  const accepting = new Set<string>();
  const problems = new Map<string, string>();
  const news: string[] = [];
  const endpoints = createLiveEndpoints({
    discovery: fakeDiscovery(),
    random: () => 0,
    now: () => performance.now(),
    time: Date.now,
    ask({ address }, done) {
      const result: ProbeResult = accepting.has(address) ? 'accepted' : 'connect_refused';
      const timer = setTimeout(() => done(result), 1);
      return () => clearTimeout(timer);
    },
    check({ address }, _, done) {
      const timer = setTimeout(() => done(problems.get(address) ?? null), 1);
      return () => clearTimeout(timer);
    },
    onNews: ({ address }, { kind }) => void news.push(`${address} ${kind}`),
    lingerMs: 10_000,
  });
  const backend = plainBackend('orders', urls, changes);
  const legacy = plainBackend('legacy', ['http://10.0.1.1']);
  endpoints.tableChanged(tableOf(legacy, backend));
  const pick = (from = backend): Endpoint => {
    const picked = endpoints.pick(from, null, []);
    if (typeof picked === 'string') throw new Error(picked);
    return picked;
  };
  const fail = (failure: Failure, times: number, endpoint = pick()): void => {
    for (let i = 0; i < times; i++) {
      if (failure.startsWith('connect')) endpoints.connectFailed(endpoint, failure);
      endpoint.failed(failure, endpoint.epoch);
    }
  };
  const reload = (next: Backend): void => endpoints.tableChanged(tableOf(legacy, next));
  const stateOf = (address: string) =>
    endpoints
      .snapshot()
      .find(({ backend: name }) => name === 'orders')
      ?.endpoints.find((endpoint) => endpoint.address === address);
  return { endpoints, accepting, problems, news, backend, legacy, pick, fail, reload, stateOf };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an endpoint that refuses connections', () => {
  it('is ejected at once, its breaker open after some probes, and back within 200 ms of its return', () => {
    const { endpoints, accepting, backend, fail, news, stateOf } = setUp(ONE);
    fail('connect_refused', 1);
    expect(stateOf('10.0.0.1')).toMatchObject({
      state: 'ejected',
      why: 'connections to it fail (connect_refused)',
      consecutiveFailures: 1,
    });
    vi.advanceTimersByTime(202);
    expect(endpoints.pick(backend, null, [])).toBe('breaker_open');
    expect(endpoints.pick({ ...backend, holdWhileDownMs: 3_000 }, null, [])).toBe('connect_refused');
    vi.advanceTimersByTime(60_000);
    const woken = vi.fn();
    endpoints.onChange(backend, woken);
    accepting.add('10.0.0.1');
    vi.advanceTimersByTime(200);
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'available', why: null, nextProbeAt: null });
    expect(woken).toHaveBeenCalledTimes(1);
    expect(news).toEqual(['10.0.0.1 failing', '10.0.0.1 opened', '10.0.0.1 closed']);
  });

  it('is left for others from the first failure on, and stays so until it accepts', () => {
    const { accepting, endpoints, backend, fail, pick, news } = setUp(TWO);
    const [dead] = [pick()];
    fail('connect_refused', 1, dead);
    vi.advanceTimersByTime(3_600_000);
    for (let i = 0; i < 20; i++) expect(pick().address).not.toBe(dead.address);
    accepting.add(dead.address);
    vi.advanceTimersByTime(200);
    const picked = new Set([pick(), endpoints.pick(backend, null, [pick()])]);
    expect(picked).toContain(dead);
    expect(news.filter((line) => line.includes(dead.address))).toHaveLength(3);
  });

  it('without a breaker is tried by a request, as ever, and asked by nobody', () => {
    const { fail, pick, stateOf } = setUp(ONE, { breaker: null });
    fail('connect_refused', 100);
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'ejected', nextProbeAt: null });
    expect(vi.getTimerCount()).toBe(0);
    expect(pick().address).toBe('10.0.0.1');
  });

  it('of which the router had no descriptor left is not ejected', () => {
    const { endpoints, pick, stateOf } = setUp(ONE);
    endpoints.connectFailed(pick(), 'over_capacity');
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'available' });
  });
});

describe('an endpoint whose connections break', () => {
  const HELD = { breaker: BREAKER, holdWhileDownMs: 3_000 };

  it('is asked at once whether it takes connections; if not, it is waited for as one that refuses them', () => {
    const { endpoints, accepting, backend, fail, pick, news } = setUp(ONE, HELD);
    fail('reset', 3);
    expect(endpoints.pick(backend, null, [])).toBe('connect_refused');
    vi.advanceTimersByTime(20_000);
    expect(endpoints.pick(backend, null, [])).toBe('connect_refused');
    accepting.add('10.0.0.1');
    vi.advanceTimersByTime(200);
    expect(pick().address).toBe('10.0.0.1');
    expect(news).toEqual(['10.0.0.1 opened', '10.0.0.1 closed']);
  });

  it('if it does, rests for its cooldown, and who was held until that was clear is told', () => {
    const { endpoints, accepting, backend, fail, pick, stateOf } = setUp(ONE, HELD);
    accepting.add('10.0.0.1');
    fail('reset', 3);
    const woken = vi.fn();
    endpoints.onChange(backend, woken);
    vi.advanceTimersByTime(2);
    expect(woken).toHaveBeenCalledTimes(1);
    expect(endpoints.pick(backend, null, [])).toBe('breaker_open');
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'ejected', consecutiveFailures: 3 });
    vi.advanceTimersByTime(9_990);
    expect(endpoints.pick(backend, null, [])).toBe('breaker_open');
    vi.advanceTimersByTime(10);
    expect(pick().address).toBe('10.0.0.1');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('an endpoint that fails otherwise', () => {
  it('rests for its cooldown, gets one request, and is back when that succeeds', () => {
    const { endpoints, backend, fail, pick, news, stateOf } = setUp(ONE);
    fail('idle_timeout', 3);
    expect(endpoints.pick(backend, null, [])).toBe('breaker_open');
    expect(endpoints.pick({ ...backend, holdWhileDownMs: 3_000 }, null, [])).toBe('breaker_open');
    expect(stateOf('10.0.0.1')).toMatchObject({
      state: 'ejected',
      why: '3 failures in a row, the last was idle_timeout',
      consecutiveFailures: 3,
      nextProbeAt: Date.now() + 10_000,
    });
    vi.advanceTimersByTime(10_000);
    const trial = pick();
    expect(endpoints.pick(backend, null, [])).toBe('breaker_open');
    trial.answered(200, trial.epoch);
    expect(pick()).toBe(trial);
    expect(news).toEqual(['10.0.0.1 opened', '10.0.0.1 closed']);
  });

  it('is not missed where there are others', () => {
    const { fail, pick } = setUp(TWO);
    const bad = pick();
    fail('response_timeout', 3, bad);
    for (let i = 0; i < 20; i++) expect(pick()).not.toBe(bad);
  });

  it('leaves the port to say why none is there', () => {
    const { endpoints, backend, fail, pick } = setUp(TWO);
    const bad = pick();
    fail('reset', 3, bad);
    const other = pick();
    expect(endpoints.pick(backend, null, [other])).toBe('no_endpoint');
    fail('reset', 3, other);
    expect(endpoints.pick(backend, null, [])).toBe('breaker_open');
  });
});

describe('checks', () => {
  it('take an endpoint out, and bring it back', () => {
    const { problems, pick, news, stateOf } = setUp(TWO, { health: HEALTH });
    problems.set('10.0.0.1', 'it answered 500');
    vi.advanceTimersByTime(2);
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'unhealthy', why: 'it answered 500' });
    for (let i = 0; i < 20; i++) expect(pick().address).toBe('10.0.0.2');
    problems.clear();
    vi.advanceTimersByTime(5_000);
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'available' });
    expect(news).toEqual(['10.0.0.1 unhealthy', '10.0.0.1 healthy']);
  });

  it('of a single endpoint leave none; of two that both fail, both', () => {
    const single = setUp(ONE, { health: HEALTH });
    single.problems.set('10.0.0.1', 'x');
    const both = setUp(TWO, { health: HEALTH });
    for (const address of ['10.0.0.1', '10.0.0.2']) both.problems.set(address, 'x');
    vi.advanceTimersByTime(2);
    expect(single.endpoints.pick(single.backend, null, [])).toBe('no_endpoint');
    const first = both.pick();
    expect(both.endpoints.pick(both.backend, null, [first])).not.toBe(first);
    expect(typeof both.endpoints.pick(both.backend, null, [first])).toBe('object');
  });

  it('prefer an endpoint that they know to be well to a newcomer', () => {
    const { endpoints, pick, reload, backend } = setUp(ONE, { health: HEALTH });
    vi.advanceTimersByTime(2);
    const next = plainBackend('orders', TWO, { health: HEALTH });
    reload(next);
    for (let i = 0; i < 20; i++) expect(pick(next).address).toBe('10.0.0.1');
    vi.advanceTimersByTime(2);
    expect(pick(next)).not.toBe(endpoints.pick(next, null, [pick(next)]));
    expect(backend.name).toBe('orders');
  });
});

describe('over a reload', () => {
  it('a breaker keeps its state while its limits stay, and begins closed with others', () => {
    const { endpoints, fail, reload, stateOf, news } = setUp(ONE);
    fail('reset', 3);
    reload(plainBackend('orders', ONE, { breaker: { ...BREAKER }, queueMs: 7 }));
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'ejected' });
    const other = plainBackend('orders', ONE, { breaker: { ...BREAKER, failures: 9 } });
    reload(other);
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'available', consecutiveFailures: 0 });
    expect(typeof endpoints.pick(other, null, [])).toBe('object');
    expect(news).toEqual(['10.0.0.1 opened', '10.0.0.1 closed']);
  });

  it('requests in flight, breaker and checks stay with an endpoint whose backend gets another url beside it', () => {
    const { fail, reload, pick, stateOf } = setUp(ONE);
    (pick() as LiveEndpoint).inFlight = 5;
    fail('reset', 3);
    reload(plainBackend('orders', TWO, { breaker: BREAKER }));
    expect(stateOf('10.0.0.1')).toMatchObject({ state: 'ejected', inFlight: 5 });
    expect(stateOf('10.0.0.2')).toMatchObject({ state: 'available', inFlight: 0 });
  });

  it('a backend that goes takes its probes and checks along', () => {
    const { endpoints, fail, legacy } = setUp(ONE, { breaker: BREAKER, health: HEALTH });
    fail('connect_refused', 3);
    endpoints.tableChanged(tableOf(legacy));
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
