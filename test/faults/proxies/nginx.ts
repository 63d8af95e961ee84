import type { Peer, PeerPlace } from './peer-process.ts';
import type { Shop } from './proxy.ts';

/**
 * nginx as a careful user sets it before an application: connections to backends kept, legacy as `backup`, tunnels, and
 * a time limit on shutdown as long as Banyan's drain. Names are asked for again every two seconds.
 */
export const NGINX: Peer = {
  kind: 'nginx',
  program: 'nginx',
  configFile: 'nginx.conf',
  config: configOf,
  args: ({ folder }) => ['-c', `${folder}/nginx.conf`, '-p', folder, '-e', 'stderr'],
  reloadSignal: 'SIGHUP',
  stopSignal: 'SIGQUIT',
};

function configOf(shop: Shop, { port, folder }: PeerPlace): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join('\n  ');
  const seconds = (shop.silenceMs ?? 60_000) / 1_000;
  return `${user}
daemon off;
worker_processes 1;
worker_shutdown_timeout 8s;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 16384; }
http {
  access_log off;
  ${temporary}
  client_max_body_size 0;
  keepalive_requests 100000000;
  proxy_http_version 1.1;
  proxy_connect_timeout 2s;
  proxy_read_timeout ${seconds}s;
  proxy_send_timeout ${seconds}s;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Host $http_host;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  ${featureOf(shop).upstream}
  upstream legacy {
    server 127.0.0.1:${shop.legacy};
    keepalive 512;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${featureOf(shop).location}
    location / { proxy_pass http://legacy; }
  }
}
`;
}

function featureOf({ feature, legacy, fallback, isMovedAway }: Shop): { upstream: string; location: string } {
  if (isMovedAway === true) return { upstream: '', location: '' };
  if ('name' in feature) {
    const { name, port, nameServer } = feature;
    return {
      upstream: `resolver ${nameServer} valid=2s;`,
      location: `location /feature { set $feature ${name}; proxy_pass http://$feature:${port}; }`,
    };
  }
  const servers = feature.map((port) => `server 127.0.0.1:${port};`).join(' ');
  const backup = fallback === true ? `server 127.0.0.1:${legacy} backup;` : '';
  return {
    upstream: `upstream feature { ${servers} ${backup} keepalive 512; keepalive_requests 100000000; }`,
    location: 'location /feature { proxy_pass http://feature; }',
  };
}
