import { describe, expect, it } from 'vitest';
import { backendsView, configView, refusalsView, routesView } from '../../src/admin/views.ts';
import { depsOf, LIVE, TABLE } from './admin-samples.ts';

const NO_TABLE = depsOf({ table: () => null, decisions: () => [] });

describe('/api/routes', () => {
  it('shows each route with the side and stage in effect, and why', () => {
    expect(routesView(depsOf())).toEqual({
      revision: 'abcdef012345',
      auto_rollback: [],
      shadow: [],
      routes: [
        {
          name: 'orders',
          line: 1,
          matches: [
            {
              hosts: [],
              prefix: '/api/orders',
              methods: ['GET', 'HEAD'],
              headers: [{ name: 'x-app', test: { kind: 'exact', value: 'ios' } }],
              query: [],
              cookies: [],
            },
          ],
          to: 'orders',
          pin: false,
          feature: 'orders',
          stage: 'live',
          side: 'legacy',
          backend: 'legacy',
          reason: 'legacy_only',
        },
        expect.objectContaining({
          name: 'old',
          matches: [expect.objectContaining({ regex: '^/old' })],
          redirect: { to: 'https://x.test/{path}', status: 308 },
          side: null,
          backend: 'none',
          reason: null,
        }),
        expect.objectContaining({
          name: 'gone',
          respond: { status: 410, type: 'text/plain; charset=utf-8' },
        }),
        expect.objectContaining({ name: '(default)', to: 'legacy', side: 'legacy', reason: 'default' }),
      ],
    });
  });

  it('is empty before the first table', () => {
    expect(routesView(NO_TABLE)).toEqual({ revision: null, routes: [], auto_rollback: [], shadow: [] });
  });
});

describe('/api/backends', () => {
  it('shows urls, endpoints and how busy each is', () => {
    expect(backendsView(depsOf(), LIVE)).toEqual({
      revision: 'abcdef012345',
      backends: [
        {
          name: 'legacy',
          urls: ['http://legacy:8080'],
          in_flight: 0,
          max_in_flight: 0,
          waiting: 0,
          endpoints: [],
          names: [],
          open: { requests: 0, streams: 0, upgrades: 0 },
          feature: null,
        },
        {
          name: 'orders',
          urls: ['https://[::1]:3000/base'],
          in_flight: 3,
          max_in_flight: 5,
          waiting: 1,
          endpoints: [
            {
              address: '[::1]:3000',
              host: '::1',
              protocol: 'http/1.1',
              state: 'ejected',
              why: '5 failures in a row, the last was reset',
              since: '2023-11-14T22:13:20.000Z',
              consecutive_failures: 5,
              next_probe: '2023-11-14T22:13:30.000Z',
              in_flight: 2,
            },
          ],
          names: [{ host: 'orders', answered_at: '2023-11-14T22:13:20.000Z', problem: 'ETIMEOUT' }],
          open: { requests: 3, streams: 2, upgrades: 1 },
          feature: {
            stage: 'live',
            share: null,
            answers_5m: { legacy: 40, feature: 60 },
            writes: 7,
            writes_since: '2023-11-14T22:13:20.000Z',
          },
        },
      ],
    });
  });

  it('adds up the endpoints where no capacity is kept', () => {
    const view = backendsView(depsOf(), { ...LIVE, capacities: [] });
    expect(view).toMatchObject({ backends: [{ in_flight: 0 }, { name: 'orders', in_flight: 2 }] });
  });

  it('is empty before the first table', () => {
    expect(backendsView(NO_TABLE, LIVE)).toEqual({ revision: null, backends: [] });
  });
});

describe('/api/refusals', () => {
  it('has what is known of each', () => {
    expect(refusalsView(LIVE)).toEqual({
      refusals: [
        {
          time: '2026-01-02T03:04:05.000Z',
          request_id: 'id-1',
          failure: 'ambiguous_path',
          status: 400,
          client: '192.0.2.7',
          method: 'GET',
          path: '/x%2f..',
          user_agent: 'curl',
        },
      ],
    });
  });
});

describe('/api/config', () => {
  it('shows what is in force, the last reload with its issues, and what legacy_only spares', () => {
    const issue = {
      severity: 'error',
      file: 'routes.yaml',
      line: 14,
      column: 9,
      message: 'unknown feature "order"',
      source: '    to: order',
      width: 5,
    } as const;
    const report = {
      result: 'rejected',
      time: 1_700_000_000_000,
      revision: TABLE.revision,
      issues: [issue],
      fromState: true,
    } as const;
    const lastReload = () => ({ report, text: 'routes.yaml:14:9 error …' });
    expect(configView(depsOf({ lastReload, spared: () => ['billing'] }))).toEqual({
      revision: 'abcdef012345',
      from_state: true,
      last_reload: {
        result: 'rejected',
        time: '2023-11-14T22:13:20.000Z',
        issues: [
          {
            severity: 'error',
            file: 'routes.yaml',
            line: 14,
            column: 9,
            message: 'unknown feature "order"',
          },
        ],
        text: 'routes.yaml:14:9 error …',
      },
      legacy_only: { everything: false, features: ['orders'], routes: [], spared: ['billing'] },
    });
  });

  it('says that there is nothing yet', () => {
    expect(configView(NO_TABLE)).toEqual({
      revision: null,
      from_state: false,
      last_reload: null,
      legacy_only: null,
    });
  });
});
