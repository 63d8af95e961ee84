import { ASKED_PREFIX } from '../workloads.ts';
import type { Peer, PeerSetting } from './peer.ts';
import { missingPackage, programAt, versionOf } from './programs.ts';

/** One worker; defaults but for what a proxy in front of an application sets anyway, and what would end connections. */
export const nginx: Peer = {
  id: 'nginx',
  title: 'nginx',
  hasRoutes: true,
  setup:
    'one worker, access log (combined) to a file through a buffer of 64 KiB, kept connections to the backend, default buffering',
  missing: () => missingPackage('nginx', 'nginx'),
  version: () => versionOf('nginx', ['-v'], /nginx\/(\S+)/),
  start: (setting) => ({
    command: programAt('nginx') ?? 'nginx',
    args: ['-c', `${setting.folder}/nginx.conf`, '-p', setting.folder, '-e', 'stderr'],
    files: { 'nginx.conf': configOf(setting) },
  }),
};

function configOf({ port, backendPort, prefixes, folder }: PeerSetting): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join('\n  ');
  const location = (prefix: string, more = '') => `location ${prefix} { proxy_pass http://backend; ${more} }`;
  return `${user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 16384; }
http {
  access_log /dev/stdout combined buffer=64k flush=1s;
  ${temporary}
  client_max_body_size 0;
  keepalive_requests 100000000;
  keepalive_timeout 75s;
  proxy_http_version 1.1;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Host $http_host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive 2048;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${prefixes.map((prefix) => location(prefix)).join('\n    ')}
    ${location(`= ${ASKED_PREFIX}/events`, 'proxy_buffering off;')}
    ${location('/')}
  }
}
`;
}
