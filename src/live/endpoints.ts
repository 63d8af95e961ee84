/**
 * The port `Endpoints`: where each backend can be reached now. It follows the route table (tableChanged) and DNS
 * (discovery), and hands `forward` one endpoint at a time.
 *
 *   RouteTable ──tableChanged──▶ one EndpointSet per backend ──▶ chooseEndpoint ──▶ pick
 *   discovery  ──addresses─────▶      shared LiveEndpoints  ◀── connectFailed
 *
 * An exchange may have read its table just before a reload replaced it. So the set of a backend that is gone, or has
 * other urls now, stays for a while; only then are its endpoints removed.
 */
import type { BackendStatus } from '../model/backend-status.ts';
import type { Endpoint, Endpoints } from '../model/ports.ts';
import type { Backend, RouteTable } from '../model/route-table.ts';
import { chooseEndpoint } from './balance.ts';
import type { Discovery } from './discovery.ts';
import { definitionOf, type EndpointPool, EndpointSet } from './endpoint-set.ts';
import { hashText } from './hash-text.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

/** The port, and what `app.ts` does with it. */
export interface LiveEndpoints extends Endpoints {
  /** A table comes into force. Call it before requests are decided by it. */
  tableChanged(table: RouteTable): void;
  /** Resolves when every name of the table in force was asked once, at the latest after `maxWaitMs`. Never rejects. */
  firstAnswers(maxWaitMs: number): Promise<void>;
  /** Of the table in force, legacy first. */
  snapshot(): BackendStatus[];
  /** Asks no more names. */
  close(): void;
}

/** What it needs. */
export interface EndpointsOptions {
  readonly discovery: Discovery;
  /** 0 … 1 */
  readonly random: () => number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** How long the endpoints of a replaced definition stay, beyond what its requests may wait. */
  readonly lingerMs: number;
}

/** Starts with no backends. */
export function createLiveEndpoints(options: EndpointsOptions): LiveEndpoints {
  const { discovery, random, now } = options;
  const pool: EndpointPool = new Map();
  const current = new Map<string, EndpointSet>();
  const retired = new Map<EndpointSet, NodeJS.Timeout>();
  const byBackend = new WeakMap<Backend, EndpointSet>();
  let hasTable = false;

  function retire(set: EndpointSet, backend: Backend): void {
    const closeIt = (): void => {
      retired.delete(set);
      set.close();
    };
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
    const set = new EndpointSet(backend, pool, discovery);
    if (hasTable) retire(set, backend);
    else current.set(backend.name, set);
    return set;
  }

  return {
    pick(backend, affinity, exclude) {
      const set = setOf(backend);
      const hash = affinity === null ? null : hashText(affinity);
      const endpoint = chooseEndpoint(set.endpoints, { affinity: hash, exclude, now: now(), random });
      if (endpoint === null) return set.wasKnown ? 'no_endpoint' : 'dns';
      endpoint.picked(now());
      return endpoint;
    },
    connectFailed(endpoint: Endpoint) {
      (endpoint as LiveEndpoint).connectFailed(now());
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
        const set =
          kept?.definition === definitionOf(backend) ? kept : new EndpointSet(backend, pool, discovery);
        if (set === kept) before.delete(backend.name);
        current.set(backend.name, set);
        byBackend.set(backend, set);
      }
      for (const set of before.values()) retire(set, set.backend);
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
      discovery.close();
    },
  };
}
