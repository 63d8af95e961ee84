import type { Peer } from '../faults/proxies/peer-process.ts';

/**
 * nginx and HAProxy as a careful user sets them before one application: HTTP/1.1 and kept connections to it, tunnels,
 * the client's address. How strictly they read is as it comes.
 */
export const PEERS: Readonly<Record<string, Peer>> = {
  nginx: {
    kind: 'nginx',
    program: 'nginx',
    configFile: 'nginx.conf',
    config: ({ legacy }, { port, folder }) => nginxConfig(legacy, port, folder),
    args: ({ folder }) => ['-c', `${folder}/nginx.conf`, '-p', folder, '-e', 'stderr'],
    reloadSignal: 'SIGHUP',
    stopSignal: 'SIGQUIT',
  },
  haproxy: {
    kind: 'haproxy',
    program: 'haproxy',
    configFile: 'haproxy.cfg',
    config: ({ legacy }, { port }) => haproxyConfig(legacy, port),
    args: ({ folder }) => ['-db', '-f', `${folder}/haproxy.cfg`],
    reloadSignal: 'SIGUSR2',
    stopSignal: 'SIGUSR1',
  },
};

function nginxConfig(legacy: number, port: number, folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  client_max_body_size 0;
  client_header_timeout 2s;
  client_body_timeout 2s;
  keepalive_timeout 2s;
  large_client_header_buffers 4 32k;
  proxy_http_version 1.1;
  proxy_connect_timeout 3s;
  proxy_read_timeout 3s;
  proxy_send_timeout 3s;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Host $http_host;
  proxy_set_header X-Real-IP $remote_addr;
  upstream legacy { server 127.0.0.1:${legacy} max_fails=0; keepalive 256; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://legacy; }
  }
}
`;
}

function haproxyConfig(legacy: number, port: number): string {
  return `global
  nbthread 1
  tune.bufsize 40960
  tune.http.maxhdr 256
defaults
  mode http
  http-reuse always
  timeout connect 3s
  timeout client 2s
  timeout http-request 2s
  timeout http-keep-alive 2s
  timeout server 3s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${port} backlog 4096
  http-request set-header X-Real-IP %[src]
  default_backend legacy
backend legacy
  server one 127.0.0.1:${legacy}
`;
}
