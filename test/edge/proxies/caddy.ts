import type { Peer, PeerPlace } from '../../faults/proxies/peer-process.ts';
import type { Shop } from '../../faults/proxies/proxy.ts';
import { portsOf } from './ports-of.ts';
import type { TlsPlace } from './tls-place.ts';

/** Caddy as a careful user sets it at an edge: whole segments in its matchers, X-Real-IP set; X-Forwarded-* it sets. */
export function caddyWith(tls: TlsPlace): Peer {
  return {
    kind: 'caddy',
    program: 'caddy',
    configFile: 'Caddyfile',
    config: (shop, place) => configOf(shop, place, tls),
    args: ({ folder }) => ['run', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile'],
    reloadSignal: 'SIGUSR1',
    stopSignal: 'SIGTERM',
  };
}

function configOf(shop: Shop, { port }: PeerPlace, tls: TlsPlace): string {
  const { legacy, feature, seconds } = portsOf(shop);
  const proxy = (to: number): string => `reverse_proxy 127.0.0.1:${to} {
      header_up X-Real-IP {remote_host}
      transport http {
        dial_timeout 1s
        response_header_timeout ${seconds}s
        read_timeout ${seconds}s
      }
    }`;
  return `{
  admin off
  auto_https off
  default_sni localhost
  log default {
    output discard
  }
  servers {
    max_header_size 32KB
    timeouts {
      read_header 2s
      read_body 2s
    }
  }
}
(shop) {
  @feature path /feature /feature/*
  handle @feature {
    ${proxy(feature)}
  }
  handle {
    ${proxy(legacy)}
  }
}
:${port} {
  bind 127.0.0.1
  import shop
}
:${tls.port} {
  bind 127.0.0.1
  tls ${tls.certFile} ${tls.keyFile}
  import shop
}
`;
}
