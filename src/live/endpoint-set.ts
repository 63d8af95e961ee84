import { isIP } from 'node:net';
import type { BackendStatus } from '../model/backend-status.ts';
import type { Backend, BackendUrl } from '../model/route-table.ts';
import type { Discovery, WatchedName } from './discovery.ts';
import { LiveEndpoint } from './live-endpoint.ts';

/** Every endpoint in use, by what makes it the same endpoint after a reload. */
export type EndpointPool = Map<string, LiveEndpoint>;

/** What must be equal for a backend to keep its endpoints over a reload: where they are, and how TLS is spoken to them. */
export function definitionOf(backend: Backend): string {
  return JSON.stringify([backend.name, backend.urls, backend.tls]);
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
  readonly backend: Backend;
  readonly #pool: EndpointPool;
  readonly #names: ReadonlyMap<string, WatchedName>;

  constructor(backend: Backend, pool: EndpointPool, discovery: Discovery) {
    this.backend = backend;
    this.#pool = pool;
    this.definition = definitionOf(backend);
    const hosts = new Set(backend.urls.map((url) => url.host).filter((host) => isIP(host) === 0));
    this.#names = new Map([...hosts].map((host) => [host, discovery.watch(host, () => this.#refresh())]));
    this.#refresh();
  }

  /** Each of its names was asked once. */
  async asked(): Promise<void> {
    await Promise.all([...this.#names.values()].map((name) => name.asked));
  }

  status(now: number): BackendStatus {
    return {
      backend: this.backend.name,
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
    for (const changed of [...this.listeners]) changed();
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
    this.#pool.delete(endpoint.key);
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
    const key = JSON.stringify([this.backend.name, url, this.backend.tls, address]);
    let endpoint = this.#pool.get(key);
    if (endpoint === undefined) {
      endpoint = new LiveEndpoint(key, this.backend.name, { url, address });
      this.#pool.set(key, endpoint);
    }
    return endpoint;
  }
}
