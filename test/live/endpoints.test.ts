import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveEndpoints } from '../../src/live/endpoints.ts';
import type { Endpoint } from '../../src/model/ports.ts';
import type { Backend } from '../../src/model/route-table.ts';
import { fakeDiscovery } from '../support/fake-discovery.ts';
import { plainBackend, tableOf } from '../support/plain-backend.ts';

const LINGER_MS = 10_000;

function setUp() {
  const discovery = fakeDiscovery();
  const now = (): number => performance.now();
  const news: string[] = [];
  const endpoints = createLiveEndpoints({
    discovery,
    random: Math.random,
    now,
    time: Date.now,
    ask: () => () => {},
    check: () => () => {},
    onNews: ({ address }, { kind }) => void news.push(`${address} ${kind}`),
    lingerMs: LINGER_MS,
  });
  /** Every endpoint that can be picked, by exclusion. */
  const all = (backend: Backend): Endpoint[] => {
    const picked: Endpoint[] = [];
    for (;;) {
      const next = endpoints.pick(backend, null, picked);
      if (typeof next === 'string') return picked;
      picked.push(next);
    }
  };
  const addresses = (backend: Backend): string[] =>
    all(backend)
      .map(({ address }) => address)
      .sort();
  return { discovery, endpoints, all, addresses, news };
}

function one(endpoints: readonly Endpoint[]): Endpoint {
  expect(endpoints).toHaveLength(1);
  return endpoints[0]!;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('endpoints of a backend', () => {
  it('are there at once for IP literals, of both families', () => {
    const { endpoints, all, discovery } = setUp();
    const legacy = plainBackend('legacy', ['http://10.0.0.1:8080/base', 'https://[fd00::1]']);
    endpoints.tableChanged(tableOf(legacy));
    expect(all(legacy).sort((a, b) => a.address.localeCompare(b.address))).toMatchObject([
      {
        backend: 'legacy',
        address: '10.0.0.1',
        port: 8080,
        secure: false,
        hostname: '10.0.0.1',
        basePath: '/base',
      },
      { backend: 'legacy', address: 'fd00::1', port: 443, secure: true, hostname: 'fd00::1', basePath: '' },
    ]);
    expect(discovery.watched()).toEqual([]);
  });

  it('are every address of every name', () => {
    const { endpoints, discovery, addresses } = setUp();
    const legacy = plainBackend('legacy', ['http://one', 'http://two']);
    endpoints.tableChanged(tableOf(legacy));
    discovery.answer('one', '10.0.0.1', '10.0.0.2', 'fd00::1');
    discovery.answer('two', '10.0.0.3');
    expect(addresses(legacy)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', 'fd00::1']);
  });

  it('are `dns` until an address was known, and `no_endpoint` when all are excluded', () => {
    const { endpoints, discovery } = setUp();
    const legacy = plainBackend('legacy', ['http://one']);
    endpoints.tableChanged(tableOf(legacy));
    expect(endpoints.pick(legacy, null, [])).toBe('dns');
    discovery.answer('one', '10.0.0.1');
    const picked = endpoints.pick(legacy, null, []) as Endpoint;
    expect(endpoints.pick(legacy, null, [picked])).toBe('no_endpoint');
  });

  it('keep their identity while DNS still names them, and are removed when it does not', () => {
    const { endpoints, discovery, all, addresses } = setUp();
    const legacy = plainBackend('legacy', ['http://one']);
    endpoints.tableChanged(tableOf(legacy));
    discovery.answer('one', '10.0.0.1', '10.0.0.2');
    const before = all(legacy);
    const gone = before.find(({ address }) => address === '10.0.0.1')!;
    gone.inFlight = 1;
    const onRemoved = vi.fn();
    gone.onRemoved = onRemoved;
    discovery.answer('one', '10.0.0.2', '10.0.0.3');
    expect(addresses(legacy)).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(all(legacy)).toContain(before.find(({ address }) => address === '10.0.0.2'));
    expect([gone.removed, gone.inFlight, onRemoved.mock.calls.length]).toEqual([true, 1, 1]);
  });

  it('tell who waits for them of each change, until told to stop', () => {
    const { endpoints, discovery } = setUp();
    const legacy = plainBackend('legacy', ['http://one']);
    endpoints.tableChanged(tableOf(legacy));
    const changed = vi.fn();
    const stop = endpoints.onChange(legacy, changed);
    discovery.answer('one', '10.0.0.1');
    expect(changed).toHaveBeenCalledTimes(1);
    stop();
    discovery.answer('one', '10.0.0.2');
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('of localhost are 127.0.0.1, and ::1 when that fails', () => {
    const { endpoints, discovery } = setUp();
    const legacy = plainBackend('legacy', ['http://localhost:3000']);
    endpoints.tableChanged(tableOf(legacy));
    discovery.answer('localhost', '127.0.0.1', '::1');
    for (let i = 0; i < 20; i++)
      expect(endpoints.pick(legacy, null, [])).toMatchObject({ address: '127.0.0.1' });
    const v4 = endpoints.pick(legacy, null, []) as Endpoint;
    expect(endpoints.pick(legacy, null, [v4])).toMatchObject({ address: '::1' });
    endpoints.connectFailed(v4);
    expect(endpoints.pick(legacy, null, [])).toMatchObject({ address: '::1' });
  });
});

describe('a failed connection', () => {
  it('makes others preferred for a while, and the name asked again', () => {
    const { endpoints, discovery, all } = setUp();
    const legacy = plainBackend('legacy', ['http://one']);
    endpoints.tableChanged(tableOf(legacy));
    discovery.answer('one', '10.0.0.1', '10.0.0.2');
    const [failed, fine] = all(legacy) as [Endpoint, Endpoint];
    endpoints.connectFailed(failed);
    expect(discovery.askedSoon).toEqual(['one']);
    for (let i = 0; i < 50; i++) expect(endpoints.pick(legacy, null, [])).toBe(fine);
    expect(
      endpoints
        .snapshot()[0]!
        .endpoints.map(({ state }) => state)
        .sort(),
    ).toEqual(['available', 'ejected']);
    expect(endpoints.pick(legacy, null, [fine])).toBe(failed);
    vi.advanceTimersByTime(500);
    const picked = new Set([...Array(50).keys()].map(() => endpoints.pick(legacy, null, [])));
    expect(picked).toContain(failed);
  });

  it('does not take the only endpoint away', () => {
    const { endpoints, all } = setUp();
    const legacy = plainBackend('legacy', ['http://10.0.0.1']);
    endpoints.tableChanged(tableOf(legacy));
    const only = one(all(legacy));
    for (let i = 0; i < 10; i++) {
      endpoints.connectFailed(only);
      expect(endpoints.pick(legacy, null, [])).toBe(only);
    }
  });
});

describe('a reload', () => {
  it('keeps endpoints whose urls and TLS stay, whatever else changes about the backend', () => {
    const { endpoints, discovery, all } = setUp();
    const before = plainBackend('orders', ['http://orders:3000']);
    endpoints.tableChanged(tableOf(plainBackend('legacy', ['http://10.0.0.1']), before));
    discovery.answer('orders', '10.0.0.2');
    const endpoint = one(all(before));
    endpoint.inFlight = 3;
    const after = plainBackend('orders', ['http://orders:3000'], { maxInFlight: 5, holdWhileDownMs: 1 });
    endpoints.tableChanged(tableOf(plainBackend('legacy', ['http://10.0.0.1']), after));
    vi.advanceTimersByTime(60_000);
    expect(one(all(after))).toBe(endpoint);
    expect([endpoint.inFlight, endpoint.removed]).toEqual([3, false]);
  });

  it('keeps the endpoints of a url that stays beside one that goes', () => {
    const { endpoints, all, addresses } = setUp();
    const before = plainBackend('legacy', ['http://10.0.0.1', 'http://10.0.0.2']);
    endpoints.tableChanged(tableOf(before));
    const kept = all(before).find(({ address }) => address === '10.0.0.2')!;
    const after = plainBackend('legacy', ['http://10.0.0.2', 'http://10.0.0.3']);
    endpoints.tableChanged(tableOf(after));
    expect(all(after)).toContain(kept);
    vi.advanceTimersByTime(60_000);
    expect(kept.removed).toBe(false);
    expect(addresses(after)).toEqual(['10.0.0.2', '10.0.0.3']);
  });

  it('makes new endpoints where TLS is spoken otherwise', () => {
    const { endpoints, all } = setUp();
    const before = plainBackend('legacy', ['https://10.0.0.1']);
    endpoints.tableChanged(tableOf(before));
    const old = one(all(before));
    const after = plainBackend('legacy', ['https://10.0.0.1'], { tls: { ...before.tls, insecure: true } });
    endpoints.tableChanged(tableOf(after));
    expect(one(all(after))).not.toBe(old);
  });

  it('leaves the endpoints of a backend that is gone to the requests of the table before, for a while', () => {
    const { endpoints, discovery, all, addresses } = setUp();
    const legacy = plainBackend('legacy', ['http://10.0.0.1']);
    const orders = plainBackend('orders', ['http://orders'], { queueMs: 2_000, holdWhileDownMs: 3_000 });
    endpoints.tableChanged(tableOf(legacy, orders));
    discovery.answer('orders', '10.0.0.2');
    const endpoint = one(all(orders));
    const onRemoved = vi.fn();
    endpoint.onRemoved = onRemoved;
    endpoints.tableChanged(tableOf(legacy));
    expect(endpoints.snapshot().map(({ backend }) => backend)).toEqual(['legacy']);
    vi.advanceTimersByTime(LINGER_MS + 4_999);
    expect(one(all(orders))).toBe(endpoint);
    discovery.answer('orders', '10.0.0.3');
    expect(addresses(orders)).toEqual(['10.0.0.3']);
    vi.advanceTimersByTime(1);
    expect([endpoint.removed, onRemoved.mock.calls.length]).toEqual([true, 1]);
    expect(discovery.watched()).toEqual([]);
  });

  it('serves a straggler that comes later still', () => {
    const { endpoints, addresses } = setUp();
    const legacy = plainBackend('legacy', ['http://10.0.0.1']);
    const orders = plainBackend('orders', ['http://10.0.0.2']);
    endpoints.tableChanged(tableOf(legacy, orders));
    endpoints.tableChanged(tableOf(legacy));
    vi.advanceTimersByTime(3_600_000);
    expect(addresses(orders)).toEqual(['10.0.0.2']);
    expect(endpoints.snapshot().map(({ backend }) => backend)).toEqual(['legacy']);
  });

  it('gives requests of the old table the old url, and those of the new one the new', () => {
    const { endpoints, addresses } = setUp();
    const before = plainBackend('legacy', ['http://10.0.0.1']);
    const after = plainBackend('legacy', ['http://10.0.0.2']);
    endpoints.tableChanged(tableOf(before));
    endpoints.tableChanged(tableOf(after));
    expect([addresses(before), addresses(after)]).toEqual([['10.0.0.1'], ['10.0.0.2']]);
  });

  it('a hundred times over keeps one endpoint and leaves no timers and no names behind', () => {
    const { endpoints, discovery, all } = setUp();
    const tables = [...Array(100).keys()].map((i) => {
      const orders = plainBackend('orders', ['http://orders'], { queueMs: i });
      return { orders, table: tableOf(plainBackend('legacy', [`http://10.0.1.${i}`]), orders) };
    });
    endpoints.tableChanged(tables[0]!.table);
    discovery.answer('orders', '10.0.0.2');
    const endpoint = one(all(tables[0]!.orders));
    for (const { table } of tables) endpoints.tableChanged(table);
    expect(one(all(tables[99]!.orders))).toBe(endpoint);
    vi.advanceTimersByTime(60_000);
    expect([vi.getTimerCount(), discovery.watched()]).toEqual([0, ['orders']]);
  });
});

describe('firstAnswers', () => {
  it('waits until each name was asked once', async () => {
    const { endpoints, discovery } = setUp();
    discovery.answer('one', '10.0.0.1');
    endpoints.tableChanged(tableOf(plainBackend('legacy', ['http://one'])));
    await endpoints.firstAnswers(5_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for longer than it is told', async () => {
    const { endpoints } = setUp();
    endpoints.tableChanged(tableOf(plainBackend('legacy', ['http://silent'])));
    const waited = endpoints.firstAnswers(500);
    await vi.advanceTimersByTimeAsync(500);
    await expect(waited).resolves.toBeUndefined();
  });
});
