/** The proxies written for Node that are measured beside Banyan: each a small program in this folder. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Peer } from './peer.ts';

function nodePeer(
  root: string,
  peer: Pick<Peer, 'id' | 'title' | 'setup' | 'version'> & { program: string },
): Peer {
  return {
    ...peer,
    hasRoutes: false,
    missing: () => null,
    start: ({ port, backendPort }) => ({
      command: process.execPath,
      args: [path.join(root, 'bench/peers', peer.program), String(backendPort), String(port)],
      env: { NODE_ENV: 'production' },
      files: {},
    }),
  };
}

function packageVersion(root: string, name: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8'),
  );
  return String((manifest as { version?: unknown }).version);
}

/** @fastify/http-proxy alone, as its readme shows it. */
export function fastifyPlugin(root: string): Peer {
  return nodePeer(root, {
    id: 'plugin',
    title: '@fastify/http-proxy',
    program: 'plugin.mjs',
    setup: 'bare, as its readme shows it; no access log, no metrics',
    version: () => packageVersion(root, '@fastify/http-proxy'),
  });
}

/** http-proxy-middleware on node:http. */
export function middleware(root: string): Peer {
  return nodePeer(root, {
    id: 'middleware',
    title: 'http-proxy-middleware',
    program: 'middleware.mjs',
    setup: 'on node:http, with an agent that keeps connections; no access log, no metrics',
    version: () => packageVersion(root, 'http-proxy-middleware'),
  });
}

/** The bare relay limit. */
export function relay(root: string): Peer {
  return nodePeer(root, {
    id: 'relay',
    title: 'bare relay',
    program: 'relay.mjs',
    setup: 'copies bytes between two sockets in Node and reads none of them: no program on Node does less',
    version: () => `Node ${process.version.slice(1)}`,
  });
}
