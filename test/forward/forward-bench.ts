import { Pools } from '../../src/forward/backend/pools.ts';
import { Forwarder } from '../../src/forward/forwarder.ts';
import type { FailedAttempt } from '../../src/forward/forwarder-deps.ts';
import { createCapacity } from '../../src/live/capacity.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { AttemptResult, Outcome } from '../../src/model/outcome.ts';
import type { Endpoint, Endpoints } from '../../src/model/ports.ts';
import type { Backend, RoutePolicy, RouteTable } from '../../src/model/route-table.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';
import { observeAll } from '../../src/observe/observe-all.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { type MatchSketch, type RouteSketch, tableOf } from '../support/table.ts';
import { FakeExchange, type FakeRequest } from './fake-exchange.ts';

/** What a test may set of the one feature route that everything goes through. */
export interface BenchOptions {
  readonly ports?: readonly number[];
  readonly backend?: Partial<Backend>;
  readonly policy?: Partial<RoutePolicy>;
  readonly match?: RouteSketch & MatchSketch;
  readonly trust?: readonly string[];
  readonly side?: 'legacy' | 'feature';
}

/** A forwarder with real connections to backends, fake clients before it, and everything it tells written down. */
export class ForwardBench {
  readonly outcomes: Outcome[] = [];
  readonly attempts: AttemptResult[] = [];
  readonly forwarder: Forwarder;
  readonly endpoints: FixedEndpoints;
  readonly pools = new Pools();
  readonly failedAttempts: FailedAttempt[] = [];
  readonly table: RouteTable;
  private readonly options: BenchOptions;

  constructor(backends: readonly RawBackend[], options: BenchOptions = {}) {
    this.options = options;
    const route = { prefix: '/', to: 'orders', ...options.match };
    this.table = tableOf([options.policy ? { ...route, policy: options.policy } : route], {
      backends: { orders: { holdWhileDownMs: 0, ...options.backend } },
      legacy: { holdWhileDownMs: 0, ...options.backend },
    });
    const ports = options.ports ?? backends.map((backend) => backend.port);
    this.endpoints = new FixedEndpoints(ports.map((port) => endpointAt(port, options)));
    this.forwarder = new Forwarder({
      endpoints: this.endpoints,
      capacity: createCapacity(),
      observer: observeAll([
        {
          attempted: (attempt) => void this.attempts.push(attempt),
          finished: (outcome) => void this.outcomes.push(outcome),
        },
      ]),
      pools: this.pools,
      now: () => performance.now(),
      wallClock: Date.now,
      onFailedAttempt: (attempt) => void this.failedAttempts.push(attempt),
    });
  }

  /** Sends a request through; its answer is in the exchange. */
  start(request: FakeRequest = {}): FakeExchange {
    const exchange = new FakeExchange(request);
    const path = exchange.traits.path;
    this.forwarder.forward({
      exchange,
      matched: { route: this.decision.route, alternative: 0, path, normalPath: path },
      decision: this.decision,
      trust: new TrustedProxies(this.options.trust ?? []),
      requestId: 'request-1',
      debug: false,
      setCookie: null,
    });
    return exchange;
  }

  /** The same, with the answer awaited. */
  async send(request: FakeRequest = {}): Promise<FakeExchange> {
    const exchange = this.start(request);
    await exchange.answer.over;
    await new Promise((resolve) => setImmediate(resolve));
    return exchange;
  }

  close(): void {
    this.forwarder.abortAll();
    this.pools.close();
  }

  private get decision(): Extract<Decision, { kind: 'forward' }> {
    const route = this.table.routes[0] as RouteTable['routes'][number];
    const feature = Object.values(this.table.features)[0] ?? null;
    const side = this.options.side ?? 'feature';
    const backend = side === 'legacy' || feature === null ? this.table.legacy : feature.backend;
    return { kind: 'forward', route, side, backend, feature, reason: 'stage', fallback: null, either: null };
  }
}

/** Endpoints that are always the same, in order. */
class FixedEndpoints implements Endpoints {
  readonly failed: Endpoint[] = [];
  private readonly all: Endpoint[];

  constructor(all: Endpoint[]) {
    this.all = all;
  }

  pick(_backend: Backend, _affinity: string | null, exclude: readonly Endpoint[]): Endpoint | 'no_endpoint' {
    return this.all.find((endpoint) => !exclude.includes(endpoint)) ?? 'no_endpoint';
  }

  connectFailed(endpoint: Endpoint): void {
    this.failed.push(endpoint);
  }

  onChange(): () => void {
    return () => {};
  }

  /** All are gone, as when DNS names them no more. */
  removeAll(): void {
    for (const endpoint of this.all.splice(0)) endpoint.onRemoved?.();
  }

  get inFlight(): number {
    return this.all.reduce((sum, endpoint) => sum + endpoint.inFlight, 0);
  }
}

function endpointAt(port: number, options: BenchOptions): Endpoint {
  const url = options.backend?.urls?.[0];
  return {
    backend: 'orders',
    address: '127.0.0.1',
    port,
    secure: url?.secure ?? false,
    hostname: url?.host ?? 'orders',
    basePath: url?.basePath ?? '',
    inFlight: 0,
    epoch: 0,
    answered: () => {},
    failed: () => {},
    abandoned: () => {},
    removed: false,
    onRemoved: null,
    isRefusing: false,
  };
}
