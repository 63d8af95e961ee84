import type { Peer, PeerSetting } from './peer.ts';
import { missingPackage, programAt, versionOf } from './programs.ts';

/** GOMAXPROCS=1, its JSON access log; enough kept connections, since its default of 32 would open new ones all the time. */
export const caddy: Peer = {
  id: 'caddy',
  title: 'Caddy',
  hasRoutes: true,
  setup: 'GOMAXPROCS=1, access log (JSON) to a file, one write a line; metrics off, as by default',
  missing: () => missingPackage('caddy', 'caddy'),
  version: () => versionOf('caddy', ['version'], /v?([\d.]+)/),
  start: (setting) => ({
    command: programAt('caddy') ?? 'caddy',
    args: ['run', '--config', `${setting.folder}/Caddyfile`, '--adapter', 'caddyfile'],
    env: {
      GOMAXPROCS: '1',
      HOME: setting.folder,
      XDG_DATA_HOME: setting.folder,
      XDG_CONFIG_HOME: setting.folder,
    },
    files: { Caddyfile: configOf(setting) },
  }),
};

function configOf({ port, backendPort, prefixes }: PeerSetting): string {
  const proxy = `reverse_proxy 127.0.0.1:${backendPort} {
      transport http {
        keepalive_idle_conns 4096
        keepalive_idle_conns_per_host 4096
      }
    }`;
  const routes = prefixes.map((prefix) => `  handle ${prefix}/* {\n    ${proxy}\n  }`).join('\n');
  return `{
  admin off
  auto_https off
  log default {
    output stderr
    level ERROR
  }
}
:${port} {
  bind 127.0.0.1
  log {
    output stdout
    format json
    level INFO
  }
${routes}
  handle {
    ${proxy}
  }
}
`;
}
