import type { Peer, PeerPlace } from '../../faults/proxies/peer-process.ts';
import type { Shop } from '../../faults/proxies/proxy.ts';
import { portsOf } from './ports-of.ts';
import type { TlsPlace } from './tls-place.ts';

/**
 * nginx as a careful user sets it at an edge: whole segments in its locations, X-Forwarded-* and X-Real-IP set and not
 * appended to, the client's Host, tunnels, HTTP/1.1 to backends. Where it reads strictly or not is as it comes.
 */
export function nginxWith(tls: TlsPlace): Peer {
  return {
    kind: 'nginx',
    program: 'nginx',
    configFile: 'nginx.conf',
    config: (shop, place) => configOf(shop, place, tls),
    args: ({ folder }) => ['-c', `${folder}/nginx.conf`, '-p', folder, '-e', 'stderr'],
    reloadSignal: 'SIGHUP',
    stopSignal: 'SIGQUIT',
  };
}

function configOf(shop: Shop, { port, folder }: PeerPlace, tls: TlsPlace): string {
  const { legacy, feature, seconds } = portsOf(shop);
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join('\n  ');
  return `${user}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary}
  client_max_body_size 0;
  client_header_timeout 2s;
  client_body_timeout 2s;
  large_client_header_buffers 4 32k;
  proxy_http_version 1.1;
  proxy_connect_timeout 1s;
  proxy_read_timeout ${seconds}s;
  proxy_send_timeout ${seconds}s;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $host;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Real-IP $remote_addr;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream legacy { server 127.0.0.1:${legacy} max_fails=0; keepalive 16; }
  upstream feature { server 127.0.0.1:${feature} max_fails=0; keepalive 16; }
  server {
    listen 127.0.0.1:${port};
    listen 127.0.0.1:${tls.port} ssl http2;
    ssl_certificate ${tls.certFile};
    ssl_certificate_key ${tls.keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    location = /feature { proxy_pass http://feature; }
    location /feature/ { proxy_pass http://feature; }
    location / { proxy_pass http://legacy; }
  }
}
`;
}
