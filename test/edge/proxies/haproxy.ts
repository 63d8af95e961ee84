import type { Peer, PeerPlace } from '../../faults/proxies/peer-process.ts';
import type { Shop } from '../../faults/proxies/proxy.ts';
import { portsOf } from './ports-of.ts';
import type { TlsPlace } from './tls-place.ts';

/**
 * HAProxy as a careful user sets it at an edge: whole segments in its conditions, X-Forwarded-* and X-Real-IP set. Its
 * experimental `normalize-uri` is not on.
 */
export function haproxyWith(tls: TlsPlace): Peer {
  return {
    kind: 'haproxy',
    program: 'haproxy',
    configFile: 'haproxy.cfg',
    config: (shop, place) => configOf(shop, place, tls),
    args: ({ folder }) => ['-db', '-f', `${folder}/haproxy.cfg`],
    reloadSignal: 'SIGUSR2',
    stopSignal: 'SIGUSR1',
  };
}

function configOf(shop: Shop, { port }: PeerPlace, tls: TlsPlace): string {
  const { legacy, feature, seconds } = portsOf(shop);
  return `global
  nbthread 1
  tune.bufsize 40960
  tune.http.maxhdr 256
defaults
  mode http
  http-reuse always
  timeout connect 1s
  timeout client 2s
  timeout http-request 2s
  timeout http-keep-alive 75s
  timeout server ${seconds}s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${port}
  bind 127.0.0.1:${tls.port} ssl crt ${tls.pemFile} alpn h2,http/1.1 ssl-min-ver TLSv1.2
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http if !{ ssl_fc }
  http-request set-header X-Forwarded-Proto https if { ssl_fc }
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Real-IP %[src]
  use_backend feature if { path /feature } or { path_beg /feature/ }
  default_backend legacy
backend feature
  server one 127.0.0.1:${feature}
backend legacy
  server one 127.0.0.1:${legacy}
`;
}
