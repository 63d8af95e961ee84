import type { AdminDeps } from '../../src/admin/admin-deps.ts';
import { createAdmin } from '../../src/admin/create-admin.ts';
import type { LiveView } from '../../src/model/live-view.ts';
import { decisionOf } from '../observe/samples.ts';
import { tableOf } from '../support/table.ts';

/** A table with one route of each kind. */
export const TABLE = tableOf(
  [
    { name: 'orders', prefix: '/api/orders', methods: ['GET'], headers: { 'x-app': 'ios' }, to: 'orders' },
    { name: 'old', regex: '^/old', redirect: { to: 'https://x.test/{path}' } },
    { name: 'gone', path: '/gone', respond: { status: 410 } },
  ],
  {
    revision: 'abcdef012345',
    legacyOnly: { features: ['orders'] },
    backends: {
      orders: { urls: [{ secure: true, host: '::1', port: 3000, basePath: '/base' }], maxInFlight: 5 },
    },
  },
);

/** What a router that serves that table hands in, with what is given. */
export function depsOf(given: Partial<AdminDeps> = {}): AdminDeps {
  return {
    adminHosts: ['banyan.shop.test'],
    metrics: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      async *exposition() {
        yield 'a 1\n';
        yield 'b 2\n';
      },
    },
    readiness: () => ({ ready: true, reason: 'ready' }),
    table: () => TABLE,
    decisions: () => [
      decisionOf(TABLE, 'orders', 'legacy', 'legacy_only'),
      decisionOf(TABLE, 'old'),
      decisionOf(TABLE, 'gone'),
      decisionOf(TABLE, '(default)'),
    ],
    live: () => LIVE,
    rollbacks: () => [],
    shadows: () => [],
    lastReload: () => null,
    spared: () => [],
    explain: (question) => ({ answer: { question } }),
    ...given,
  };
}

/** How a busy router stands. */
export const LIVE: LiveView = {
  backends: [
    {
      backend: 'orders',
      protocols: ['http/1.1'],
      endpoints: [
        {
          address: '::1',
          port: 3000,
          secure: true,
          hostname: '::1',
          state: 'ejected',
          why: '5 failures in a row, the last was reset',
          since: 1_700_000_000_000,
          consecutiveFailures: 5,
          nextProbeAt: 1_700_000_010_000,
          inFlight: 2,
        },
      ],
      names: [{ host: 'orders', answeredAt: 1_700_000_000_000, problem: 'ETIMEOUT' }],
    },
  ],
  capacities: [{ backend: 'orders', inFlight: 3, maxInFlight: 5, waiting: 1 }],
  open: [{ backend: 'orders', requests: 3, streams: 2, upgrades: 1 }],
  refusals: [
    {
      time: Date.UTC(2026, 0, 2, 3, 4, 5),
      requestId: 'id-1',
      failure: 'ambiguous_path',
      status: 400,
      client: '192.0.2.7',
      method: 'GET',
      path: '/x%2f..',
      userAgent: 'curl',
    },
  ],
  uses: [
    { feature: 'orders', recent: { legacy: 40, feature: 60 }, writes: 7, writesSince: 1_700_000_000_000 },
  ],
};

/** An admin listener on a free port of loopback. */
export async function startAdmin(given: Partial<AdminDeps> = {}) {
  const admin = createAdmin(depsOf(given));
  const { port } = await admin.listen({ host: '127.0.0.1', port: 0 });
  return { admin, port, url: `http://127.0.0.1:${port}`, stop: () => admin.close() };
}
