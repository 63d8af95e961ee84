import { cookiesOf } from '../model/cookies.ts';
import type { ClientExchange } from '../model/exchange.ts';
import type { Backend } from '../model/route-table.ts';
import type { TrustedProxies } from '../model/trusted-proxies.ts';

/** What keeps a client on one endpoint: the named cookie's value, or its address; null for none. */
export function affinityOf(backend: Backend, exchange: ClientExchange, trust: TrustedProxies): string | null {
  const { balance } = backend;
  if (balance.kind === 'least_requests') return null;
  if (balance.kind === 'ip') return trust.clientAddress(exchange.peer.address, exchange.head.headers);
  return cookiesOf(exchange.head.headers).get(balance.name) ?? null;
}
