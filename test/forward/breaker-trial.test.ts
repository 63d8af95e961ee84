import { afterEach, describe, expect, it, vi } from 'vitest';
import { NEVER_ROLLED_BACK, planAll } from '../../src/decide/plan-routes.ts';
import { planOf } from '../../src/decide/route-plan.ts';
import { Pools } from '../../src/forward/backend/pools.ts';
import { Forwarder } from '../../src/forward/forwarder.ts';
import { createCapacity } from '../../src/live/capacity.ts';
import { createLiveEndpoints } from '../../src/live/endpoints.ts';
import type { ForwardDecision } from '../../src/model/decision.ts';
import type { Endpoint } from '../../src/model/ports.ts';
import type { Backend, Route } from '../../src/model/route-table.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';
import { observeAll } from '../../src/observe/observe-all.ts';
import { fakeDiscovery } from '../support/fake-discovery.ts';
import { RawBackend, type Script } from '../support/raw-backend.ts';
import { tableOf } from '../support/table.ts';
import { FakeExchange } from './fake-exchange.ts';
import { FALLBACK } from './two-sides.ts';

const open: { stop(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

/** A feature whose endpoints have breakers that open at the first failure, for a second, before a real forwarder. */
class WithBreakers {
  readonly backend: Backend;
  readonly endpoints;
  /** Monotonic, ms: breakers go by it. */
  now = 0;
  /** Answers the probe that is under way. */
  probed: ((result: 'accepted') => void) | null = null;
  private readonly forwarder: Forwarder;
  private readonly decision: ForwardDecision;
  private readonly pools = new Pools();

  constructor(ports: readonly number[], legacyPort: number | null = null) {
    const table = tableOf([{ prefix: '/', to: 'orders' }], {
      backends: { orders: { ...at(ports), breaker: { failures: 1, cooldownMs: 1_000 } } },
      legacy: at(legacyPort === null ? [] : [legacyPort]),
      features: { orders: { fallback: legacyPort === null ? null : FALLBACK } },
    });
    this.endpoints = createLiveEndpoints({
      discovery: fakeDiscovery(),
      // The first of those that are equally good.
      random: () => 0,
      now: () => this.now,
      time: Date.now,
      ask: (_endpoint, done) => {
        this.probed = done;
        return () => {};
      },
      check: () => () => {},
      onNews: () => {},
      lingerMs: 0,
    });
    this.endpoints.tableChanged(table);
    this.forwarder = new Forwarder({
      endpoints: this.endpoints,
      capacity: createCapacity(),
      observer: observeAll([]),
      pools: this.pools,
      now: () => performance.now(),
      wallClock: Date.now,
      onFailedAttempt: () => {},
    });
    const { decision } = planOf(planAll(table, NEVER_ROLLED_BACK), table.routes[0] as Route);
    this.decision = decision as ForwardDecision;
    this.backend = this.decision.backend;
  }

  /** The endpoint at this port, picked as a request would. */
  pick(port: number): Endpoint {
    const tried: Endpoint[] = [];
    for (;;) {
      const endpoint = this.endpoints.pick(this.backend, null, tried);
      if (typeof endpoint === 'string') throw new Error(endpoint);
      if (endpoint.port === port) return endpoint;
      tried.push(endpoint);
    }
  }

  async send(): Promise<FakeExchange> {
    const exchange = new FakeExchange();
    const { decision } = this;
    this.forwarder.forward({
      exchange,
      matched: { route: decision.route, alternative: 0, path: '/', normalPath: '/' },
      decision,
      trust: new TrustedProxies([]),
      requestId: 'request-1',
      debug: false,
      setCookie: null,
    });
    await exchange.answer.over;
    return exchange;
  }

  stop(): void {
    this.forwarder.abortAll();
    this.pools.close();
    this.endpoints.close();
  }
}

function at(ports: readonly number[]): Partial<Backend> {
  const urls = ports.map((port) => ({ secure: false, host: '127.0.0.1', port, basePath: '' }));
  return { urls, holdWhileDownMs: 0 };
}

async function backend(script: Script): Promise<RawBackend> {
  const started = await RawBackend.start(script);
  open.push(started);
  return started;
}

describe('a breaker that has had its cooldown', () => {
  it('gets its trial from a request that another endpoint has broken', async () => {
    const broken = await backend((_request, reply) => reply.reset());
    const back = await backend((_request, reply) => reply.send(200, [], 'back'));
    const feature = new WithBreakers([broken.port, back.port]);
    open.unshift(feature);
    const opened = feature.pick(back.port);
    opened.failed('response_timeout', opened.epoch);
    feature.now = 1_001;
    expect((await feature.send()).answer.text).toBe('back');
    // It passed, so it is closed again.
    expect((await feature.send()).answer.text).toBe('back');
    expect([broken.requests.length, back.requests.length]).toEqual([1, 2]);
  });

  it('keeps its trial for a request that is sent to it, where legacy answers while it refuses connections', async () => {
    const back = await backend((_request, reply) => reply.send(200, [], 'back'));
    const legacy = await backend((_request, reply) => reply.send(200, [], 'legacy'));
    const feature = new WithBreakers([back.port], legacy.port);
    open.unshift(feature);
    const opened = feature.pick(back.port);
    opened.failed('response_timeout', opened.epoch);
    feature.endpoints.connectFailed(opened, 'connect_refused');
    feature.now = 1_001;
    expect((await feature.send()).answer.text).toBe('legacy');
    await vi.waitUntil(() => feature.probed !== null);
    feature.probed?.('accepted');
    expect((await feature.send()).answer.text).toBe('back');
  });
});
