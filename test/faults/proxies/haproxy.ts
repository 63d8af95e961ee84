import type { Peer, PeerPlace } from './peer-process.ts';
import type { Shop } from './proxy.ts';

/**
 * HAProxy as a careful user sets it before an application: checks every half a second, repeated connections, GETs sent
 * again, legacy as `backup`, and a time limit on shutdown as long as Banyan's drain.
 */
export const HAPROXY: Peer = {
  kind: 'haproxy',
  program: 'haproxy',
  configFile: 'haproxy.cfg',
  config: configOf,
  args: ({ folder }) => ['-W', '-db', '-f', `${folder}/haproxy.cfg`],
  reloadSignal: 'SIGUSR2',
  stopSignal: 'SIGUSR1',
};

function configOf(shop: Shop, { port }: PeerPlace): string {
  const silence = shop.silenceMs ?? 60_000;
  return `global
  nbthread 1
  hard-stop-after 8s
defaults
  mode http
  http-reuse always
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response
  timeout connect 2s
  timeout client 75s
  timeout server ${silence}ms
  timeout tunnel 1h
${resolversOf(shop)}frontend front
  bind 127.0.0.1:${port} backlog 4096
${shop.isMovedAway === true ? '' : '  use_backend feature if { path_beg /feature }\n'}  default_backend legacy
backend feature
  http-request disable-l7-retry unless METH_GET
  default-server check inter 500ms fall 2 rise 2
${serversOf(shop)}
backend legacy
  http-request disable-l7-retry unless METH_GET
  server one 127.0.0.1:${shop.legacy}
`;
}

function resolversOf({ feature }: Shop): string {
  if (!('name' in feature)) return '';
  return `resolvers dns
  nameserver own ${feature.nameServer}
  hold valid 2s
  timeout resolve 1s
`;
}

function serversOf({ feature, fallback, legacy }: Shop): string {
  if ('name' in feature)
    return `  server one ${feature.name}:${feature.port} resolvers dns init-addr none resolve-prefer ipv4`;
  const servers = feature.map((port, i) => `  server s${i} 127.0.0.1:${port}`);
  return [...servers, ...(fallback === true ? [`  server legacy 127.0.0.1:${legacy} backup`] : [])].join(
    '\n',
  );
}
