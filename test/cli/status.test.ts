import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { status } from '../../src/cli/status.ts';

/** `banyan status` against routers that are older or newer than it, or no routers at all. */

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function shown(pages: Readonly<Record<string, unknown>>, json = false): Promise<string> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(typeof page === 'string' ? page : JSON.stringify(page ?? {}));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const admin = { host: '127.0.0.1', port };
  const { output } = await status({ file: 'none.yaml', admin, json, env: {} });
  return output.replaceAll(String(port), 'PORT');
}

/** What version 0.1.0 said. */
const OLD = {
  '/api/config': {
    revision: 'abcdef012345',
    from_state: true,
    last_reload: {
      result: 'rejected',
      time: '2026-01-02T03:04:05.678Z',
      issues: [],
      text: 'routes.yaml:1:1 error x\n  1 | y',
    },
    legacy_only: { everything: true, features: [], routes: [], spared: ['done'] },
  },
  '/api/routes': {
    revision: 'abcdef012345',
    routes: [
      {
        name: 'orders',
        line: 7,
        feature: 'orders',
        stage: 'live',
        side: 'legacy',
        backend: 'legacy',
        reason: 'legacy_only',
      },
      {
        name: '(default)',
        line: 0,
        feature: null,
        stage: null,
        side: 'legacy',
        backend: 'legacy',
        reason: 'default',
      },
    ],
  },
  '/api/backends': {
    backends: [
      { name: 'legacy', urls: [], in_flight: 4, max_in_flight: 0, waiting: 0, endpoints: [], names: [] },
      {
        name: 'orders',
        urls: [],
        in_flight: 2,
        waiting: 0,
        endpoints: [
          { address: '10.0.0.5:3000', state: 'ejected' },
          { address: '10.0.0.6:3000', state: 'available' },
        ],
      },
    ],
  },
};

it('shows what an older router says', async () => {
  expect(await shown(OLD)).toBe(`The router at http://127.0.0.1:PORT: revision abcdef012345
In force is the last good table of --state: the file could not be used.
Last reload: rejected, 2026-01-02 03:04:05 UTC
    routes.yaml:1:1 error x
      1 | y
legacy_only: everything
    spared: done

feature  stage  answers of 5 min  open        endpoints
orders   live   –                 2 requests  1 of 2 available
    legacy answers, since legacy_only names it
    10.0.0.5:3000 is ejected
legacy   –      –                 4 requests  none found
`);
});

it('shows rollbacks, shares and reasons of a newer one, and passes on in JSON what it does not know', async () => {
  const newer = {
    '/api/config': { revision: 'abcdef012345', last_reload: null, legacy_only: null, further: 1 },
    '/api/routes': {
      routes: [
        { name: 'orders', feature: 'orders', stage: 'canary', side: 'legacy', reason: 'rollback' },
        { name: 'search', feature: 'search', stage: 'canary', side: 'legacy', reason: 'bucket' },
        { name: 'pay', feature: 'pay', stage: 'shadow', side: 'legacy', reason: 'stage' },
        'no route',
      ],
      auto_rollback: [
        {
          feature: 'orders',
          says: 'rolled back',
          rolled_back: {
            since: '2026-01-02T03:04:05.678Z',
            until: null,
            why: 'in the last 60 s 5 % errors',
            ends: 'an edit',
          },
        },
        { feature: 'search', says: 'within its limits', rolled_back: null },
      ],
      shadow: [
        {
          feature: 'search',
          says: 'Ready.',
          compared: 7,
          routes: [{ route: 'search', says: 'Ready.', compared: 7 }],
        },
        {
          feature: 'pay',
          verdict: 'not_ready',
          says: 'Not ready: all.',
          compared: 12,
          routes: [
            { route: 'pay', says: 'Ready: one.', compared: 9 },
            { route: 'pay:/x', says: 'Not ready: the other.', compared: 3 },
            { route: 'pay:/y', says: 'Too little data.', compared: 0 },
          ],
        },
      ],
    },
    '/api/backends': {
      backends: [
        {
          name: 'orders',
          open: { requests: 1, streams: 0, upgrades: 2 },
          feature: {
            stage: 'canary',
            share: 12.5,
            answers_5m: { legacy: 9, feature: 3 },
            writes: 0,
            verdict: 'ready',
          },
          endpoints: [{ address: 'a:1', state: 'unhealthy', why: 'checks fail' }],
          breaker: 'half-open',
        },
        {
          name: 'search',
          feature: { stage: 'canary', share: 0.01, answers_5m: { legacy: 5, feature: 0 } },
          endpoints: 'none',
        },
      ],
    },
  };
  expect(await shown(newer)).toBe(`The router at http://127.0.0.1:PORT: revision abcdef012345

feature  stage         answers of 5 min     open                               endpoints
orders   canary 12.5%  feature 3, legacy 9  1 request, 2 upgraded connections  0 of 1 available
    legacy answers, since auto_rollback took the feature back
    auto_rollback took it back, 2026-01-02 03:04:05 UTC: in the last 60 s 5 % errors. It stays so until: an edit
    a:1 is unhealthy: checks fail
search   canary 0.01%  legacy 5             –                                  none found
    the feature answers 0.01 % of the clients
    compared: Ready.
    auto_rollback: within its limits
pay      shadow        –                    –                                  none found
    legacy answers, and the feature gets copies
    compared: Not ready: all. (banyan mismatches pay)
        route "pay": Ready: one.
        route "pay:/x": Not ready: the other.
legacy   –             –                    –                                  none found
`);
  expect(JSON.parse(await shown(newer, true))).toMatchObject({
    features: [
      {
        name: 'orders',
        stage: 'canary',
        share: 12.5,
        verdict: 'ready',
        breaker: 'half-open',
        auto_rollback: { says: 'rolled back' },
      },
      {},
      {},
    ],
  });
});

it.each([{}, { '/api/config': '{"revision": 7}' }, { '/api/config': 'not JSON' }])(
  'takes %j for no router',
  async (pages) => {
    expect(await shown(pages)).toContain('No router answers at http://127.0.0.1:PORT');
  },
);
