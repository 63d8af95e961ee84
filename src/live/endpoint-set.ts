import { isIP } from 'node:net';
import { type BackendStatus, backendProtocol } from '../model/backend-status.ts';
import type { Backend, BackendUrl } from '../model/route-table.ts';
import type { Discovery, WatchedName } from './discovery.ts';
import type { EndpointPlace, LiveEndpoint } from './live-endpoint.ts';

/** Every endpoint in use, by what makes it the same endpoint after a reload. */
export type EndpointPool = Map<string, LiveEndpoint>;

/** Makes an endpoint that nobody knew. */
export type MakeEndpoint = (
  key: string,
  backend: string,
  where: Pick<EndpointPlace, 'url' | 'address'>,
) => LiveEndpoint;

/** What the sets of all backends share. */
export interface SharedEndpoints {
  readonly pool: EndpointPool;
  readonly make: MakeEndpoint;
  readonly discovery: Discovery;
}

/** What must be equal for a backend to keep its endpoints over a reload: where they are, and what is spoken to them. */
export function definitionOf(backend: Backend): string {
  return JSON.stringify([backend.name, backend.urls, backend.tls, backend.http2]);
}

/**
 * The endpoints of one backend as one table defines it: those of its urls, as DNS has them now. Sets of two tables
 * share the endpoints that both name; an endpoint is removed when no set names it.
 */
export class EndpointSet {
  readonly definition: string;
  endpoints: readonly LiveEndpoint[] = [];
  /** Some address was known at some time. */
  wasKnown = false;
  readonly listeners = new Set<() => void>();
  isClosed = false;
  /** Told when there are other endpoints. */
  onEndpoints: (() => void) | null = null;
  /** As the table in force, or the last that had it, defines it. */
  backend: Backend;
  /** The table in force names it. */
  isCurrent = false;
  readonly #shared: SharedEndpoints;
  readonly #names: ReadonlyMap<string, WatchedName>;

  constructor(backend: Backend, shared: SharedEndpoints) {
    this.backend = backend;
    this.#shared = shared;
    this.definition = definitionOf(backend);
    const hosts = new Set(backend.urls.map((url) => url.host).filter((host) => isIP(host) === 0));
    this.#names = new Map(
      [...hosts].map((host) => [host, shared.discovery.watch(host, () => this.#refresh())]),
    );
    this.#refresh();
  }

  /** A table with this definition of it comes into force: what it says about breakers holds. */
  follow(backend: Backend): void {
    this.backend = backend;
    this.isCurrent = true;
    for (const endpoint of this.endpoints) endpoint.follow(backend);
  }

  /** Tells those who wait for an endpoint that one may be there. */
  changed(): void {
    for (const changed of [...this.listeners]) changed();
  }

  /** Each of its names was asked once. */
  async asked(): Promise<void> {
    await Promise.all([...this.#names.values()].map((name) => name.asked));
  }

  status(now: number): BackendStatus {
    return {
      backend: this.backend.name,
      protocols: [...new Set(this.backend.urls.map((url) => backendProtocol(this.backend, url)))],
      endpoints: this.endpoints.map((endpoint) => endpoint.status(now)),
      names: [...this.#names.values()].map((name) => name.status()),
    };
  }

  /** Asks no more and lets go of its endpoints: their idle connections close, what is in flight on them ends in peace. */
  close(): void {
    this.isClosed = true;
    for (const name of this.#names.values()) name.stop();
    this.#use([]);
  }

  #refresh(): void {
    if (this.isClosed) return;
    this.#use([...new Set(this.backend.urls.flatMap((url) => this.#endpointsOf(url)))]);
    this.onEndpoints?.();
    this.changed();
  }

  #use(endpoints: readonly LiveEndpoint[]): void {
    const before = this.endpoints;
    for (const endpoint of endpoints) endpoint.holders++;
    this.endpoints = endpoints;
    if (endpoints.length > 0) this.wasKnown = true;
    for (const endpoint of before) this.#release(endpoint);
  }

  #release(endpoint: LiveEndpoint): void {
    if (--endpoint.holders > 0) return;
    this.#shared.pool.delete(endpoint.key);
    endpoint.remove();
  }

  #endpointsOf(url: BackendUrl): LiveEndpoint[] {
    if (isIP(url.host) !== 0) return [this.#endpoint(url, url.host)];
    const addresses = this.#names.get(url.host)?.addresses() ?? [];
    const endpoints = addresses.map((address) => this.#endpoint(url, address));
    const hasLoopbackV4 = addresses.some((address) => address.startsWith('127.'));
    for (const endpoint of endpoints) endpoint.isSpare = hasLoopbackV4 && endpoint.address === '::1';
    return endpoints;
  }

  #endpoint(url: BackendUrl, address: string): LiveEndpoint {
    const { name, tls, http2 } = this.backend;
    const key = JSON.stringify([name, url, tls, http2, address]);
    const { pool, make } = this.#shared;
    const known = pool.get(key);
    if (known !== undefined) {
      if (this.isCurrent) known.follow(this.backend);
      return known;
    }
    const endpoint = make(key, this.backend.name, { url, address });
    endpoint.follow(this.backend);
    pool.set(key, endpoint);
    return endpoint;
  }
}
