import { expect, test, vi } from 'vitest';
import { createLiveEndpoints } from '../../src/live/endpoints.ts';
import type { Endpoint } from '../../src/model/ports.ts';
import type { Backend } from '../../src/model/route-table.ts';
import { fakeDiscovery } from '../support/fake-discovery.ts';
import { plainBackend, tableOf } from '../support/plain-backend.ts';

/** What copies of requests do with endpoints is no news about them. */

const legacy = plainBackend('legacy', ['http://10.0.1.1']);
const orders = plainBackend('orders', ['http://10.0.0.1'], { breaker: { failures: 1, cooldownMs: 10_000 } });

function setUp(backend: Backend) {
  const clock = { now: 0 };
  const discovery = fakeDiscovery();
  const endpoints = createLiveEndpoints({
    discovery,
    random: () => 0,
    now: () => clock.now,
    time: () => clock.now,
    ask: () => () => {},
    check: () => () => {},
    onNews: ({ address }, { kind }) => void news.push(`${address} ${kind}`),
    lingerMs: 10,
  });
  const news: string[] = [];
  endpoints.tableChanged(tableOf(legacy, backend));
  const pick = (from: 'apart' | 'usual', exclude: Endpoint[] = []): Endpoint => {
    const picked = (from === 'apart' ? endpoints.apart : endpoints).pick(backend, null, exclude);
    if (typeof picked === 'string') throw new Error(picked);
    return picked;
  };
  return { clock, discovery, endpoints, news, pick };
}

test('a copy that fails opens no breaker and ejects nobody; the name is asked again soon', () => {
  const { endpoints, discovery, news, pick } = setUp(orders);
  const copy = pick('apart');
  copy.inFlight++;
  for (const failure of ['reset', 'response_timeout', 'connect_refused'] as const) {
    copy.failed(failure, copy.epoch);
    copy.answered(503, copy.epoch);
    endpoints.apart.connectFailed(copy, failure);
  }
  expect(news).toEqual([]);
  const served = pick('usual');
  expect(served).not.toBe(copy);
  expect([served.address, served.inFlight]).toEqual(['10.0.0.1', 0]);
  expect(discovery.askedSoon).toContain('10.0.0.1');
});

test('a copy does not take the one trial of a breaker that rests, nor an endpoint that is open', () => {
  const { clock, endpoints, pick } = setUp(orders);
  const served = pick('usual');
  served.failed('response_timeout', served.epoch);
  expect(endpoints.apart.pick(orders, null, [])).toBe('breaker_open');
  clock.now = 10_000;
  expect(pick('apart').address).toBe('10.0.0.1');
  expect(pick('apart').address).toBe('10.0.0.1');
  expect(pick('usual').address).toBe('10.0.0.1');
  expect(endpoints.pick(orders, null, [])).toBe('breaker_open');
});

test('it is the same one each time, can be excluded, and goes with its endpoint', () => {
  vi.useFakeTimers();
  const two = plainBackend('orders', ['http://10.0.0.1', 'http://10.0.0.2']);
  const { endpoints, pick } = setUp(two);
  const first = pick('apart');
  const second = pick('apart', [first]);
  expect(second.address).not.toBe(first.address);
  expect(pick('apart', [second])).toBe(first);
  expect(endpoints.apart.pick(two, null, [first, second])).toBe('no_endpoint');
  const removed: string[] = [];
  for (const endpoint of [first, second]) endpoint.onRemoved = () => void removed.push(endpoint.address);
  endpoints.tableChanged(tableOf(legacy));
  expect(first.removed).toBe(false);
  vi.advanceTimersByTime(20);
  vi.useRealTimers();
  expect(removed.sort()).toEqual(['10.0.0.1', '10.0.0.2']);
  expect(first.removed).toBe(true);
});
