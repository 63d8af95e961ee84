import type { Backend, BackendUrl, RouteTable } from '../../src/model/route-table.ts';

/** A backend with no limits, at these urls (`http://name:80`). */
export function plainBackend(name: string, urls: readonly string[], changes: Partial<Backend> = {}): Backend {
  return {
    name,
    urls: urls.map(backendUrl),
    host: { kind: 'keep' },
    balance: { kind: 'least_requests' },
    timeouts: { connectMs: 2_000, responseMs: 60_000, idleMs: 60_000 },
    maxInFlight: 0,
    queueMs: 0,
    holdWhileDownMs: 0,
    health: null,
    breaker: null,
    tls: { caFile: null, certFile: null, keyFile: null, serverName: null, insecure: false },
    http2: false,
    ...changes,
  };
}

/** A table of these backends, the first being legacy, without routes. */
export function tableOf(legacy: Backend, ...features: readonly Backend[]): RouteTable {
  const entries = features.map((backend) => [backend.name, { name: backend.name, stage: 'live', backend }]);
  return { legacy, features: Object.fromEntries(entries) } as unknown as RouteTable;
}

function backendUrl(text: string): BackendUrl {
  const { protocol, hostname, port, pathname } = new URL(text);
  return {
    secure: protocol === 'https:',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    basePath: pathname === '/' ? '' : pathname,
  };
}
