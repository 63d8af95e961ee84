import { ASKED_PREFIX } from '../workloads.ts';
import type { Peer, PeerSetting } from './peer.ts';
import { missingPackage, programAt, versionOf } from './programs.ts';

/** One thread, mode http, its usual access log; routes in a map, which is how many of them are written. */
export const haproxy: Peer = {
  id: 'haproxy',
  title: 'HAProxy',
  hasRoutes: true,
  setup:
    'one thread, access log (httplog) to a file, one write a line; routes in a map_beg; its own counters on',
  missing: () => missingPackage('haproxy', 'haproxy'),
  version: () => versionOf('haproxy', ['-v'], /version ([\d.]+)/),
  start: (setting) => ({
    command: programAt('haproxy') ?? 'haproxy',
    args: ['-db', '-f', `${setting.folder}/haproxy.cfg`],
    files: {
      'haproxy.cfg': configOf(setting),
      'routes.map': mapOf(setting.prefixes),
    },
  }),
};

/** The longest prefix wins. */
function mapOf(prefixes: readonly string[]): string {
  const routes = prefixes.map((prefix) => `${prefix} orders\n`);
  return `${routes.join('')}${ASKED_PREFIX}/events events\n`;
}

function configOf({ port, backendPort, folder }: PeerSetting): string {
  return `global
  nbthread 1
  maxconn 9000
  log stdout format raw local0 info
defaults
  mode http
  log global
  option httplog
  http-reuse always
  option forwardfor
  timeout connect 2s
  timeout client 75s
  timeout server 60s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${port} backlog 4096
  http-request set-header X-Forwarded-Proto http
  use_backend %[path,map_beg(${folder}/routes.map,legacy)]
backend orders
  server one 127.0.0.1:${backendPort}
backend events
  option http-no-delay
  server one 127.0.0.1:${backendPort}
backend legacy
  server one 127.0.0.1:${backendPort}
`;
}
