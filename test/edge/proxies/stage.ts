import { startPeer } from '../../faults/proxies/peer-process.ts';
import type { Shop } from '../../faults/proxies/proxy.ts';
import { Authority } from '../../support/certificates.ts';
import { startRouter } from '../../support/start-router.ts';
import type { Side } from '../edge-case.ts';
import { EdgeBackend } from '../play/edge-backend.ts';
import type { Stage } from '../play/play-case.ts';
import { caddyWith } from './caddy.ts';
import { haproxyWith } from './haproxy.ts';
import { nginxWith } from './nginx.ts';
import { portsOf } from './ports-of.ts';
import { type TlsPlace, tlsPlace } from './tls-place.ts';

/** What is under test. */
export const PLAYERS = ['banyan', 'banyan-fastify', 'nginx', 'haproxy', 'caddy'] as const;
export type Player = (typeof PLAYERS)[number];
/** Those that Banyan is compared with. */
export const PEERS: readonly Player[] = ['nginx', 'haproxy', 'caddy'];

/** All of them give clients this long for a head, and between two pieces of a body. */
export const PATIENCE_S = 2;

/** A stage whose parts end with it. */
export interface RunningStage extends Stage {
  end(): Promise<void>;
}

/** Starts a player before two backends, which may be silent for so many seconds. */
export async function startStage(player: Player, backendS = 1): Promise<RunningStage> {
  const [legacy, feature] = await Promise.all([EdgeBackend.start('legacy'), EdgeBackend.start('feature')]);
  const backends: Record<Side, EdgeBackend> = { legacy, feature };
  const shop = { legacy: legacy.port, feature: [feature.port], silenceMs: backendS * 1_000 };
  const authority = new Authority();
  const proxy = await startPlayer(player, shop, await tlsPlace(authority));
  return {
    port: proxy.port,
    tlsPort: proxy.tlsPort,
    backends,
    end: async () => {
      await proxy.end();
      authority.remove();
      await Promise.all([legacy.stop(), feature.stop()]);
    },
  };
}

async function startPlayer(
  player: Player,
  shop: Shop,
  tls: TlsPlace,
): Promise<{ port: number; tlsPort: number | null; end(): Promise<unknown> }> {
  if (player === 'nginx' || player === 'haproxy' || player === 'caddy') {
    const peerWith = { nginx: nginxWith, haproxy: haproxyWith, caddy: caddyWith }[player];
    const proxy = await startPeer(peerWith(tls), shop, {});
    return { port: proxy.port, tlsPort: tls.port, end: () => proxy.kill() };
  }
  const isWire = player === 'banyan';
  const patience = ['--header-timeout', `${PATIENCE_S}s`, '--body-timeout', `${PATIENCE_S}s`];
  const secure = [
    '--tls-listen',
    `127.0.0.1:${tls.port}`,
    '--tls-cert',
    tls.certFile,
    '--tls-key',
    tls.keyFile,
  ];
  const router = await startRouter(routesOf(shop), {
    flags: [...patience, ...(isWire ? secure : [])],
    env: { FRONT: isWire ? 'wire' : 'fastify', NODE_ENV: 'production' },
  });
  return { port: router.port, tlsPort: isWire ? tls.port : null, end: () => router.stop('SIGKILL') };
}

/** Backends that fail on purpose, case after case, are not to be left alone for it. */
function routesOf(shop: Shop): string {
  const { legacy, feature, seconds } = portsOf(shop);
  return `legacy:
  url: http://127.0.0.1:${legacy}
  hold_while_down: 0s
  timeouts: { connect: 1s, response: ${seconds}s, idle: ${seconds}s }
features:
  feature:
    url: http://127.0.0.1:${feature}
    stage: live
    hold_while_down: 0s
    breaker: false
    timeouts: { connect: 1s, response: ${seconds}s, idle: ${seconds}s }
routes:
  - match: { prefix: /feature }
    to: feature
`;
}
