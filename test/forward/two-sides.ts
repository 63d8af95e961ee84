import { NEVER_ROLLED_BACK, planAll } from '../../src/decide/plan-routes.ts';
import { planOf } from '../../src/decide/route-plan.ts';
import { Pools } from '../../src/forward/backend/pools.ts';
import { Forwarder } from '../../src/forward/forwarder.ts';
import { createCapacity, type LiveCapacity } from '../../src/live/capacity.ts';
import type { AttemptResult, Outcome } from '../../src/model/outcome.ts';
import type { Endpoint, Endpoints, NoEndpoint } from '../../src/model/ports.ts';
import type { Backend, Feature, Route, RoutePolicy } from '../../src/model/route-table.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';
import { observeAll } from '../../src/observe/observe-all.ts';
import { tableOf } from '../support/table.ts';
import { FakeExchange, type FakeRequest } from './fake-exchange.ts';

/** A feature with a fallback, and legacy, each at some ports; a string is why none can be picked. */
export interface TwoSidesOptions {
  readonly feature: readonly number[] | NoEndpoint;
  readonly legacy: readonly number[] | NoEndpoint;
  readonly block?: Partial<Feature>;
  readonly policy?: Partial<RoutePolicy>;
  readonly featureBackend?: Partial<Backend>;
  readonly legacyBackend?: Partial<Backend>;
  readonly prefix?: string;
  readonly debug?: boolean;
  /** The feature's endpoints just refused a connection. */
  readonly isRefusing?: boolean;
}

/** What a `fallback: true` is. */
export const FALLBACK: Feature['fallback'] = {
  when: ['connect', 'reset', 'timeout', 'bad_response', '501', '502', '503', '504'],
  maxBody: 64 * 1024,
  maxInFlight: 0,
};

/** A forwarder between fake clients and real backends on both sides of one feature, with all that it tells. */
export class TwoSides {
  readonly outcomes: Outcome[] = [];
  readonly attempts: AttemptResult[] = [];
  readonly forwarder: Forwarder;
  readonly capacity: LiveCapacity = createCapacity();
  readonly endpoints: SidedEndpoints;
  private readonly pools = new Pools();
  private readonly route: Route;
  private readonly decision;
  private readonly options: TwoSidesOptions;

  constructor(options: TwoSidesOptions) {
    this.options = options;
    const { policy = {}, prefix = '/' } = options;
    const table = tableOf([{ prefix, to: 'orders', name: 'orders', policy }], {
      backends: { orders: { holdWhileDownMs: 0, ...options.featureBackend } },
      legacy: { holdWhileDownMs: 0, ...options.legacyBackend },
      features: { orders: { fallback: FALLBACK, ...options.block } },
    });
    this.capacity.tableChanged(table);
    this.route = table.routes[0] as Route;
    this.decision = planOf(planAll(table, NEVER_ROLLED_BACK), this.route).decision;
    this.endpoints = new SidedEndpoints(options);
    this.forwarder = new Forwarder({
      endpoints: this.endpoints,
      capacity: this.capacity,
      observer: observeAll([
        {
          attempted: (attempt) => void this.attempts.push(attempt),
          finished: (outcome) => void this.outcomes.push(outcome),
        },
      ]),
      pools: this.pools,
      now: () => performance.now(),
      wallClock: Date.now,
      onFailedAttempt: () => {},
    });
  }

  /** Sends a request through; its answer is in the exchange. */
  start(request: FakeRequest = {}): FakeExchange {
    const exchange = new FakeExchange(request);
    const { path } = exchange.traits;
    this.forwarder.forward({
      exchange,
      matched: { route: this.route, alternative: 0, path, normalPath: path },
      decision: this.decision,
      trust: new TrustedProxies([]),
      requestId: 'request-1',
      debug: this.options.debug ?? false,
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

  /** The last outcome. */
  get outcome(): Outcome {
    return this.outcomes.at(-1) as Outcome;
  }

  /** `backend purpose result`, one each. */
  get tries(): string[] {
    return this.attempts.map(({ backend, purpose, result }) => `${backend.name} ${purpose} ${result}`);
  }

  stop(): void {
    this.forwarder.abortAll();
    this.pools.close();
  }
}

/** Endpoints that are always the same, in order; all that each was told is written down. */
class SidedEndpoints implements Endpoints {
  readonly told: string[] = [];
  private readonly sides: {
    readonly orders: Endpoint[] | NoEndpoint;
    readonly legacy: Endpoint[] | NoEndpoint;
  };

  private readonly isRefusing: boolean;

  constructor({ feature, legacy, isRefusing = false }: TwoSidesOptions) {
    this.isRefusing = isRefusing;
    const at = (backend: string, ports: readonly number[] | NoEndpoint): Endpoint[] | NoEndpoint =>
      typeof ports === 'string' ? ports : ports.map((port) => this.endpointAt(backend, port));
    this.sides = { orders: at('orders', feature), legacy: at('legacy', legacy) };
  }

  pick({ name }: Backend, _affinity: string | null, exclude: readonly Endpoint[]): Endpoint | NoEndpoint {
    const all = name === 'legacy' ? this.sides.legacy : this.sides.orders;
    if (typeof all === 'string') return all;
    return all.find((endpoint) => !exclude.includes(endpoint)) ?? 'no_endpoint';
  }

  connectFailed(): void {}

  onChange(): () => void {
    return () => {};
  }

  get inFlight(): number {
    const all = [this.sides.orders, this.sides.legacy].filter((side) => typeof side !== 'string').flat();
    return all.reduce((sum, endpoint) => sum + endpoint.inFlight, 0);
  }

  private endpointAt(backend: string, port: number): Endpoint {
    return {
      backend,
      address: '127.0.0.1',
      port,
      secure: false,
      hostname: backend,
      basePath: '',
      inFlight: 0,
      epoch: 0,
      answered: (status) => void this.told.push(`${backend} ${status}`),
      failed: (failure) => void this.told.push(`${backend} ${failure}`),
      abandoned: () => {},
      removed: false,
      onRemoved: null,
      isRefusing: backend === 'orders' && this.isRefusing,
    };
  }
}
