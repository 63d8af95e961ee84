/**
 * The port `Endpoints`: where each backend can be reached now. It follows the route table (tableChanged) and DNS
 * (discovery), and hands `forward` one endpoint at a time.
 *
 *   RouteTable ──tableChanged──▶ one EndpointSet per backend ──▶ chooseEndpoint ──▶ pick
 *   discovery  ──addresses─────▶      shared LiveEndpoints  ◀── connectFailed, answered, failed
 *                                        ▲           ▲
 *                                     probes   health checks
 *
 * An exchange may have read its table just before a reload replaced it. So the set of a backend that is gone, or has
 * other urls now, stays for a while; only then are its endpoints removed.
 */
import type { BackendStatus } from '../model/backend-status.ts';
import type { Failure } from '../model/failure.ts';
import type { Endpoint, Endpoints, NoEndpoint } from '../model/ports.ts';
import type { Backend, RouteTable } from '../model/route-table.ts';
import { chooseEndpoint } from './balance.ts';
import type { Discovery } from './discovery.ts';
import type { EndpointApart } from './endpoint-apart.ts';
import type { EndpointNews } from './endpoint-news.ts';
import { definitionOf, EndpointSet, type SharedEndpoints } from './endpoint-set.ts';
import { hashText } from './hash-text.ts';
import { type CheckEndpoint, HealthChecks } from './health-checks.ts';
import { LiveEndpoint, OPEN } from './live-endpoint.ts';
import { type AskForConnection, Probes } from './probes.ts';

/** The port, and what `app.ts` does with it. */
export interface LiveEndpoints extends Endpoints {
  /** A table comes into force. Call it before requests are decided by it. */
  tableChanged(table: RouteTable): void;
  /** Resolves when every name of the table in force was asked once, at the latest after `maxWaitMs`. Never rejects. */
  firstAnswers(maxWaitMs: number): Promise<void>;
  /** The same endpoints for copies of requests: what these pick, and what becomes of it, changes nothing. */
  readonly apart: Endpoints;
  /** Of the table in force, legacy first. */
  snapshot(): BackendStatus[];
  /** Asks no more names, and no endpoint. */
  close(): void;
}

/** What it needs. */
export interface EndpointsOptions {
  readonly discovery: Discovery;
  /** 0 … 1 */
  readonly random: () => number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Wall clock, ms. */
  readonly time: () => number;
  readonly ask: AskForConnection;
  readonly check: CheckEndpoint;
  /** Told of each change of an endpoint, once. */
  readonly onNews: (endpoint: LiveEndpoint, news: EndpointNews) => void;
  /** How long the endpoints of a replaced definition stay, beyond what its requests may wait. */
  readonly lingerMs: number;
}

/** Starts with no backends. */
export function createLiveEndpoints(options: EndpointsOptions): LiveEndpoints {
  const { discovery, random, now, time } = options;
  const probes = new Probes(options.ask, time);
  const checks = new HealthChecks({ check: options.check, random, now, time });
  const shared: SharedEndpoints = { pool: new Map(), discovery, make: makeEndpoint };
  const current = new Map<string, EndpointSet>();
  const retired = new Map<EndpointSet, NodeJS.Timeout>();
  const byBackend = new WeakMap<Backend, EndpointSet>();
  let hasTable = false;

  function makeEndpoint(...[key, backend, where]: Parameters<SharedEndpoints['make']>): LiveEndpoint {
    const endpoint = new LiveEndpoint(key, backend, { ...where, now, time });
    endpoint.onNews = (news) => heard(endpoint, news);
    endpoint.onCertain = () => wake(endpoint.backend);
    return endpoint;
  }

  function heard(endpoint: LiveEndpoint, news: EndpointNews): void {
    options.onNews(endpoint, news);
    probes.follow(endpoint);
    // Who waits for an endpoint should hear of one that is back.
    wake(endpoint.backend);
  }

  function wake(backend: string): void {
    for (const set of [...current.values(), ...retired.keys()])
      if (set.backend.name === backend) set.changed();
  }

  function retire(set: EndpointSet, backend: Backend): void {
    const closeIt = (): void => {
      retired.delete(set);
      set.close();
    };
    set.isCurrent = false;
    const waitMs = options.lingerMs + backend.queueMs + backend.holdWhileDownMs;
    retired.set(set, setTimeout(closeIt, waitMs).unref());
  }

  function setOf(backend: Backend): EndpointSet {
    const known = byBackend.get(backend);
    if (known !== undefined && !known.isClosed) return known;
    const set = adopt(backend);
    byBackend.set(backend, set);
    return set;
  }

  /** The set of a backend seen for the first time, or again after its set was closed. */
  function adopt(backend: Backend): EndpointSet {
    const inForce = current.get(backend.name);
    if (inForce?.definition === definitionOf(backend)) return inForce;
    const set = new EndpointSet(backend, shared);
    if (hasTable) retire(set, backend);
    else current.set(backend.name, set);
    return set;
  }

  /** Of a set of which none can be picked: why. */
  function whyNone({ endpoints, wasKnown }: EndpointSet, { holdWhileDownMs }: Backend): NoEndpoint {
    if (endpoints.length === 0) return wasKnown ? 'no_endpoint' : 'dns';
    if (endpoints.some((endpoint) => endpoint.rank(now()) !== OPEN)) return 'no_endpoint';
    const refusing = endpoints.find(({ breaker, isUnsure }) => breaker?.state === 'probing' || isUnsure);
    if (holdWhileDownMs === 0 || refusing === undefined) return 'breaker_open';
    return refusing.breaker?.lastFailure === 'connect_timeout' ? 'connect_timeout' : 'connect_refused';
  }

  function choose(
    backend: Backend,
    affinity: string | null,
    exclude: readonly Endpoint[],
  ): LiveEndpoint | NoEndpoint {
    const set = setOf(backend);
    const hash = affinity === null ? null : hashText(affinity);
    const endpoint = chooseEndpoint(set.endpoints, { affinity: hash, exclude, now: now(), random });
    return endpoint ?? whyNone(set, backend);
  }

  return {
    pick(backend, affinity, exclude) {
      const endpoint = choose(backend, affinity, exclude);
      if (typeof endpoint !== 'string') endpoint.picked(now());
      return endpoint;
    },
    apart: {
      pick(backend, affinity, exclude) {
        const tried = exclude.map((endpoint) => (endpoint as EndpointApart).endpoint as LiveEndpoint);
        const endpoint = choose(backend, affinity, tried);
        return typeof endpoint === 'string' ? endpoint : endpoint.apart;
      },
      // Its address may be another one by now.
      connectFailed: (endpoint) => discovery.askSoon(endpoint.hostname),
      onChange: () => () => {},
    },
    connectFailed(endpoint: Endpoint, failure?: Failure, detail?: string) {
      // No descriptor of our own was left: that says nothing of the endpoint.
      if (failure === 'over_capacity') return;
      (endpoint as LiveEndpoint).connectFailed(now(), failure, detail);
      discovery.askSoon(endpoint.hostname);
    },
    onChange(backend, changed) {
      const { listeners } = setOf(backend);
      const listener = (): void => changed();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tableChanged(table) {
      const backends = [table.legacy, ...Object.values(table.features).map((feature) => feature.backend)];
      hasTable = true;
      const before = new Map(current);
      current.clear();
      for (const backend of backends) {
        const kept = before.get(backend.name);
        const set = kept?.definition === definitionOf(backend) ? kept : new EndpointSet(backend, shared);
        set.follow(backend);
        set.onEndpoints = () => checks.follow(current.values());
        if (set === kept) before.delete(backend.name);
        current.set(backend.name, set);
        byBackend.set(backend, set);
      }
      for (const set of before.values()) retire(set, set.backend);
      checks.follow(current.values());
    },
    async firstAnswers(maxWaitMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, maxWaitMs);
      });
      await Promise.race([Promise.all([...current.values()].map((set) => set.asked())), late]);
      clearTimeout(timer);
    },
    snapshot: () => [...current.values()].map((set) => set.status(now())),
    close() {
      for (const timer of retired.values()) clearTimeout(timer);
      probes.close();
      checks.close();
      discovery.close();
    },
  };
}
