import { rename, writeFile } from 'node:fs/promises';
import { type RunningRouter, startRouter } from '../../support/start-router.ts';
import { limitedNode } from './limited-command.ts';
import type { ProxyOptions, Shop, StartedProxy } from './proxy.ts';

/** The built router, with the wire front, metrics and the access log on. */
export async function startBanyan(shop: Shop, options: ProxyOptions): Promise<StartedProxy> {
  const node = options.descriptors === undefined ? null : await limitedNode(options.descriptors);
  const router = await startRouter(banyanRoutes(shop), {
    ...(options.flags === undefined ? {} : { flags: options.flags }),
    ...(options.nodeFlags === undefined ? {} : { nodeFlags: options.nodeFlags }),
    ...(options.node === undefined ? {} : { node: options.node }),
    ...(node === null ? {} : { node: node.file }),
    env: { FRONT: 'wire', NODE_ENV: 'production', ...options.env },
  });
  return {
    kind: 'banyan',
    port: router.port,
    router,
    pids: () => [router.pid],
    reload: (next) => replace(router, banyanRoutes(next)),
    spoil: () => replace(router, 'legacy: [unclosed\n'),
    stop: async () => {
      await router.stop();
    },
    kill: async () => {
      await router.stop('SIGKILL');
      await node?.remove();
    },
  };
}

/** By a rename, as editors do. Whether it is in force is the scenario's affair. */
async function replace({ routesFile }: RunningRouter, text: string): Promise<void> {
  await writeFile(`${routesFile}.new`, text);
  await rename(`${routesFile}.new`, routesFile);
}

/** Its routes.yaml. */
export function banyanRoutes({ legacy, feature, fallback, silenceMs, keys = [], isMovedAway }: Shop): string {
  const urls = 'name' in feature ? [urlOf(feature)] : feature.map((port) => urlOf({ port }));
  const limits = silenceMs === undefined ? [] : [limitsOf(silenceMs)];
  const lines = [
    ...[`urls: ${JSON.stringify(urls)}`, 'stage: live', ...limits],
    ...(fallback === true ? ['fallback: true'] : []),
    ...keys,
  ];
  return [
    'legacy:',
    `  url: ${urlOf({ port: legacy })}`,
    ...limits.map((line) => `  ${line}`),
    'features:',
    '  feature:',
    ...lines.map((line) => `    ${line}`),
    ...(isMovedAway === true ? [] : ['routes:', '  - match: { prefix: /feature }', '    to: feature']),
    '',
  ].join('\n');
}

function limitsOf(silenceMs: number): string {
  return `timeouts: { response: ${silenceMs}ms, idle: ${silenceMs}ms }`;
}

function urlOf({ name = '127.0.0.1', port }: { name?: string; port: number }): string {
  return `http://${name}:${port}`;
}
