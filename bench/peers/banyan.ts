import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Peer, PeerSetting } from './peer.ts';

/** Which build, and how it is called. */
export interface BanyanBuild {
  /** Has dist/cli.js. */
  readonly folder: string;
  readonly version: string;
  /** Told apart when two builds are compared. */
  readonly label?: string;
}

/** With all that a user has on: metrics (they cannot be turned off), the access log at `info`. */
export function banyan(build: BanyanBuild, front: 'wire' | 'fastify'): Peer {
  const label = build.label === undefined ? '' : `-${build.label}`;
  const base = front === 'wire' ? 'banyan' : 'banyan-fastify';
  return {
    id: `${base}${label}`,
    title: front === 'wire' ? `Banyan${label}` : `Banyan${label}, Fastify front`,
    hasRoutes: true,
    setup: `\`--front ${front}\`, metrics on, access log (JSON) to a file, written in batches`,
    missing: () => (existsSync(path.join(build.folder, 'cli.js')) ? null : 'not built'),
    version: () => build.version,
    start: (setting) => ({
      command: process.execPath,
      args: [
        path.join(build.folder, 'cli.js'),
        'serve',
        ...['--routes', path.join(setting.folder, 'routes.yaml')],
        ...['--listen', `127.0.0.1:${setting.port}`, '--admin', '127.0.0.1:0', '--front', front],
      ],
      env: { LOG_FORMAT: 'json', LOG_LEVEL: 'info', NODE_ENV: 'production' },
      files: { 'routes.yaml': routesOf(setting) },
    }),
  };
}

function routesOf({ backendPort, prefixes }: PeerSetting): string {
  const routes = prefixes.map((prefix) => `  - match:\n      prefix: ${prefix}\n    to: orders\n`).join('');
  const backend = `http://127.0.0.1:${backendPort}`;
  return `legacy: ${backend}\nfeatures:\n  orders:\n    url: ${backend}\n    stage: live\nroutes:\n${routes}`;
}
