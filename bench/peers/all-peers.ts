import { type BanyanBuild, banyan } from './banyan.ts';
import { caddy } from './caddy.ts';
import { haproxy } from './haproxy.ts';
import { nginx } from './nginx.ts';
import { fastifyPlugin, middleware, relay } from './node-proxies.ts';
import type { Peer } from './peer.ts';

/** In the order of the table; the first is what the others are compared with. */
export function allPeers(root: string, build: BanyanBuild): readonly Peer[] {
  return [
    banyan(build, 'wire'),
    banyan(build, 'fastify'),
    nginx,
    haproxy,
    caddy,
    fastifyPlugin(root),
    middleware(root),
    relay(root),
  ];
}
