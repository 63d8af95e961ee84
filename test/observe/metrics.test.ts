import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/model/decision.ts';
import type { AttemptResult, Outcome } from '../../src/model/outcome.ts';
import type { RouteTable } from '../../src/model/route-table.ts';
import { createMetrics, type Metrics, type MetricsOptions } from '../../src/observe/metrics.ts';
import { tableOf } from '../support/table.ts';
import { sampleValue } from './parse-exposition.ts';
import { decisionOf, outcomeOf } from './samples.ts';
import { scrape } from './scrape.ts';

const TABLE = tableOf([
  { name: 'orders', prefix: '/api/orders', to: 'orders' },
  { name: 'old', prefix: '/old', redirect: { to: '/new' } },
  { name: 'admin', prefix: '/admin', to: 'legacy' },
]);

function metricsOf(options: Partial<MetricsOptions> = {}, table: RouteTable = TABLE): Metrics {
  const metrics = createMetrics({ version: '1.2.3', includeProcess: false, ...options });
  metrics.tableChanged(table);
  return metrics;
}

/** A whole exchange. */
function serve(metrics: Metrics, decision: Decision, given: Partial<Outcome> = {}): void {
  metrics.started(decision);
  metrics.finished(outcomeOf(decision, given));
}

describe('requests', () => {
  it('stand at 0 for each declared route with each backend that may answer it', async () => {
    const families = await scrape(metricsOf());
    const zero = families.get('banyan_requests_total')?.samples ?? [];
    expect(zero.map(({ labels, value }) => [labels['route'], labels['backend'], value])).toEqual([
      ['orders', 'legacy', 0],
      ['orders', 'orders', 0],
      ['old', 'none', 0],
      ['admin', 'legacy', 0],
      ['(default)', 'legacy', 0],
    ]);
    expect(zero.every(({ labels }) => labels['method'] === 'GET' && labels['code'] === '200')).toBe(true);
    expect(families.has('banyan_request_duration_seconds')).toBe(false);
  });

  it('are counted by whose answer it was, method and exact code', async () => {
    const metrics = metricsOf();
    const decision = decisionOf(TABLE, 'orders');
    serve(metrics, decision);
    serve(metrics, decision, { status: 422, head: { ...outcomeOf(decision).head, method: 'POST' } });
    serve(metrics, decision, { backend: 'legacy', status: 499, failure: 'client_closed' });
    const families = await scrape(metrics);
    const requests = (labels: Record<string, string>) =>
      sampleValue(families, 'banyan_requests_total', { route: 'orders', ...labels });
    expect(requests({ backend: 'orders', method: 'GET', code: '200' })).toBe(1);
    expect(requests({ backend: 'orders', method: 'POST', code: '422' })).toBe(1);
    expect(requests({ backend: 'legacy', method: 'GET', code: '499' })).toBe(1);
    expect(sampleValue(families, 'banyan_client_disconnects_total', { route: 'orders' })).toBe(1);
    expect(sampleValue(families, 'banyan_request_bytes_total', { route: 'orders', backend: 'orders' })).toBe(
      6,
    );
    expect(sampleValue(families, 'banyan_response_bytes_total', { route: 'orders', backend: 'orders' })).toBe(
      1000,
    );
  });

  it('of ten thousand methods take one label', async () => {
    const metrics = metricsOf();
    const decision = decisionOf(TABLE, 'orders');
    const { head } = outcomeOf(decision);
    for (let i = 0; i < 10_000; i++) serve(metrics, decision, { head: { ...head, method: `M${i}` } });
    serve(metrics, decision, { head: { ...head, method: 'get' } });
    const samples = (await scrape(metrics)).get('banyan_requests_total')?.samples ?? [];
    expect(samples.filter(({ labels }) => labels['method'] === 'OTHER').map(({ value }) => value)).toEqual([
      10_001,
    ]);
    expect(samples).toHaveLength(6);
  });

  it('that the router answers itself have the backend none and no decision', async () => {
    const metrics = metricsOf();
    serve(metrics, decisionOf(TABLE, 'old'), { status: 308 });
    const families = await scrape(metrics);
    const labels = { route: 'old', backend: 'none', method: 'GET', code: '308' };
    expect(sampleValue(families, 'banyan_requests_total', labels)).toBe(1);
    const decided = families.get('banyan_decisions_total')?.samples ?? [];
    expect(decided.filter((sample) => sample.labels['route'] === 'old')).toEqual([]);
  });

  it('in flight rise and fall on the backend decided on, whoever answers', async () => {
    const metrics = metricsOf();
    const decision = decisionOf(TABLE, 'orders');
    const inFlight = async () =>
      sampleValue(await scrape(metrics), 'banyan_requests_in_flight', { route: 'orders', backend: 'orders' });
    metrics.started(decision);
    metrics.started(decision);
    expect(await inFlight()).toBe(2);
    metrics.finished(outcomeOf(decision, { backend: 'legacy' }));
    metrics.finished(outcomeOf(decision));
    expect(await inFlight()).toBe(0);
  });
});

describe('durations', () => {
  it('fall into the buckets given, inclusive above', async () => {
    const metrics = metricsOf({ bucketsSeconds: [0.01, 0.5] });
    const decision = decisionOf(TABLE, 'orders');
    for (const durationMs of [10, 10.5, 500, 501]) serve(metrics, decision, { durationMs });
    const families = await scrape(metrics);
    const labels = { route: 'orders', backend: 'orders' };
    const bucket = (le: string) =>
      sampleValue(families, 'banyan_request_duration_seconds_bucket', { ...labels, le });
    expect([bucket('0.01'), bucket('0.5'), bucket('+Inf')]).toEqual([1, 3, 4]);
    expect(sampleValue(families, 'banyan_request_duration_seconds_sum', labels)).toBeCloseTo(1.0215);
  });

  it('leave out upgrades and event streams', async () => {
    const metrics = metricsOf();
    const decision = decisionOf(TABLE, 'orders');
    const upgrades = async () =>
      sampleValue(await scrape(metrics), 'banyan_upgrades_active', { route: 'orders', backend: 'orders' });
    serve(metrics, decision, { eventStream: true });
    metrics.started(decision);
    metrics.upgraded(decision);
    expect(await upgrades()).toBe(1);
    metrics.finished(outcomeOf(decision, { upgraded: true, status: 101 }));
    expect(await upgrades()).toBe(0);
    expect((await scrape(metrics)).has('banyan_request_duration_seconds')).toBe(false);
  });

  it('an upgrade that legacy took in the feature’s place is open with legacy', async () => {
    const metrics = metricsOf();
    const decision = decisionOf(TABLE, 'orders');
    if (decision.kind !== 'forward') throw new Error('orders is forwarded');
    const upgrades = async () => {
      const families = await scrape(metrics);
      return ['orders', 'legacy'].map((backend) =>
        sampleValue(families, 'banyan_upgrades_active', { route: 'orders', backend }),
      );
    };
    metrics.started(decision);
    metrics.upgraded({ ...decision, side: 'legacy', backend: TABLE.legacy });
    expect(await upgrades()).toEqual([0, 1]);
    metrics.finished(outcomeOf(decision, { upgraded: true, status: 101, backend: 'legacy' }));
    expect(await upgrades()).toEqual([0, 0]);
  });

  it('of attempts are counted where a head came, beside their result', async () => {
    const metrics = metricsOf();
    const decision = decisionOf(TABLE, 'orders');
    if (decision.kind !== 'forward') throw new Error('orders is forwarded');
    const { route, backend } = decision;
    const attempts: readonly Pick<AttemptResult, 'purpose' | 'result' | 'headMs'>[] = [
      { purpose: 'serve', result: 503, headMs: 7 },
      { purpose: 'serve', result: 'connect_refused', headMs: null },
      { purpose: 'resend', result: 200, headMs: 7 },
    ];
    for (const attempt of attempts) metrics.attempted({ route, backend, ...attempt });
    const families = await scrape(metrics);
    const labels = { route: 'orders', backend: 'orders' };
    const counted = (purpose: string, result: string) =>
      sampleValue(families, 'banyan_backend_attempts_total', { ...labels, purpose, result });
    expect(counted('serve', '5xx')).toBe(1);
    expect(counted('serve', 'connect_refused')).toBe(1);
    expect(counted('resend', '2xx')).toBe(1);
    expect(counted('serve', '2xx')).toBe(0);
    expect(sampleValue(families, 'banyan_backend_duration_seconds_count', labels)).toBe(2);
  });
});

describe('the migration', () => {
  it('is seen in decisions, with side and reason', async () => {
    const metrics = metricsOf();
    serve(metrics, decisionOf(TABLE, 'orders', 'legacy', 'legacy_only'));
    serve(metrics, decisionOf(TABLE, 'admin'));
    serve(metrics, decisionOf(TABLE, '(default)'));
    const families = await scrape(metrics);
    const decisions = (route: string, side: string, reason: string) =>
      sampleValue(families, 'banyan_decisions_total', { route, side, reason });
    expect(decisions('orders', 'legacy', 'legacy_only')).toBe(1);
    expect(decisions('orders', 'feature', 'stage')).toBe(0);
    expect(decisions('admin', 'legacy', 'pinned')).toBe(1);
    expect(decisions('(default)', 'legacy', 'default')).toBe(1);
  });

  it('shows as a share of the last five minutes', async () => {
    let nowMs = 0;
    const metrics = metricsOf({ nowMs: () => nowMs });
    const ratio = async () => sampleValue(await scrape(metrics), 'banyan_migrated_requests_ratio');
    expect(await ratio()).toBeNaN();
    for (let i = 0; i < 3; i++) serve(metrics, decisionOf(TABLE, 'orders'));
    serve(metrics, decisionOf(TABLE, '(default)'));
    serve(metrics, decisionOf(TABLE, 'old'));
    expect(await ratio()).toBe(0.75);
    nowMs = 4 * 60_000;
    serve(metrics, decisionOf(TABLE, '(default)'));
    expect(await ratio()).toBe(0.6);
    nowMs = 6 * 60_000;
    expect(await ratio()).toBe(0);
    nowMs = 60 * 60_000;
    expect(await ratio()).toBeNaN();
  });

  it('shows when legacy was last asked, and nothing until it was', async () => {
    const metrics = metricsOf({ wallMs: () => 1_700_000_000_500 });
    const name = 'banyan_route_legacy_last_request_timestamp_seconds';
    serve(metrics, decisionOf(TABLE, 'orders'));
    expect((await scrape(metrics)).has(name)).toBe(false);
    serve(metrics, decisionOf(TABLE, 'orders', 'legacy'));
    expect(sampleValue(await scrape(metrics), name, { route: 'orders' })).toBe(1_700_000_000.5);
  });

  it('names features with their stage, and routes with their feature', async () => {
    const metrics = metricsOf();
    metrics.tableChanged(tableOf([{ name: 'orders', to: 'orders' }], { stages: { orders: 'legacy' } }));
    const families = await scrape(metrics);
    const stages = families.get('banyan_feature_info')?.samples.map(({ labels }) => labels);
    expect(stages).toEqual([{ feature: 'orders', stage: 'legacy' }]);
    const routes = families.get('banyan_route_info')?.samples.map(({ labels }) => labels);
    expect(routes).toEqual([
      { route: 'orders', feature: 'orders' },
      { route: '(default)', feature: '' },
    ]);
  });

  it('asks for the share of each feature at each scrape', async () => {
    const shares: Record<string, number> = { orders: 0.125, cart: 1 };
    const featureShare = ({ name }: { name: string }) => shares[name] ?? 0;
    const metrics = createMetrics({ version: '1', includeProcess: false, featureShare });
    metrics.tableChanged(tableOf([{ to: 'orders' }, { to: 'cart' }]));
    const of = async (feature: string) =>
      sampleValue(await scrape(metrics), 'banyan_feature_share_ratio', { feature });
    expect([await of('orders'), await of('cart')]).toEqual([0.125, 1]);
    shares['orders'] = 0;
    expect(await of('orders')).toBe(0);
  });
});

describe('the router', () => {
  it('says what is in force and what became of reloads', async () => {
    const metrics = metricsOf();
    const report = { time: 5_000, revision: 'aaa', issues: [], fromState: false };
    metrics.reloaded({ ...report, result: 'applied' });
    metrics.reloaded({ ...report, result: 'rejected', time: 9_000 });
    metrics.tableChanged(tableOf([], { revision: 'bbb', legacyOnly: { features: ['orders'] } }));
    const families = await scrape(metrics);
    expect(sampleValue(families, 'banyan_config_reloads_total', { result: 'applied' })).toBe(1);
    expect(sampleValue(families, 'banyan_config_reloads_total', { result: 'unchanged' })).toBe(0);
    expect(sampleValue(families, 'banyan_config_last_reload_successful')).toBe(0);
    expect(sampleValue(families, 'banyan_config_last_reload_success_timestamp_seconds')).toBe(5);
    expect(families.get('banyan_config_info')?.samples.map(({ labels }) => labels)).toEqual([
      { revision: 'bbb' },
    ]);
    expect(sampleValue(families, 'banyan_legacy_only')).toBe(1);
    expect(
      sampleValue(families, 'banyan_build_info', { version: '1.2.3', node_version: process.version }),
    ).toBe(1);
  });

  it('counts refusals from 0, dropped lines, and endpoints by state', async () => {
    const endpoint = {
      address: '10.0.0.5',
      port: 1,
      secure: false,
      hostname: 'orders',
      inFlight: 0,
      why: null,
      since: 0,
      consecutiveFailures: 0,
      nextProbeAt: null,
    };
    const metrics = metricsOf({
      droppedLines: () => 12,
      backends: () => [
        {
          backend: 'orders',
          protocols: ['h2c'],
          names: [],
          endpoints: [{ ...endpoint, state: 'available' }],
        },
        { backend: 'legacy', protocols: ['http/1.1'], names: [], endpoints: [] },
      ],
    });
    metrics.rejected({
      failure: 'ambiguous_path',
      peer: null,
      method: 'GET',
      target: '/x',
      requestId: 'r',
      startedAt: 0,
      userAgent: null,
    });
    await scrape(metrics);
    const families = await scrape(metrics);
    expect(sampleValue(families, 'banyan_log_lines_dropped_total')).toBe(12);
    expect(sampleValue(families, 'banyan_rejected_requests_total', { reason: 'ambiguous_path' })).toBe(1);
    expect(sampleValue(families, 'banyan_rejected_requests_total', { reason: 'bad_version' })).toBe(0);
    const endpoints = (backend: string, state: string) =>
      sampleValue(families, 'banyan_backend_endpoints', { backend, state });
    expect(endpoints('orders', 'available')).toBe(1);
    expect(endpoints('orders', 'ejected')).toBe(0);
    expect(endpoints('legacy', 'available')).toBe(0);
  });

  it('counts what clients speak', async () => {
    const metrics = metricsOf();
    const decision = decisionOf(TABLE, 'orders');
    const { head } = outcomeOf(decision);
    for (const spoken of [{}, { isHttp2: true }, { isHttp2: true }] as const)
      serve(metrics, decision, { head: { ...head, ...spoken } });
    const families = await scrape(metrics);
    const requests = (protocol: string) =>
      sampleValue(families, 'banyan_requests_by_protocol_total', { protocol });
    expect(['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'].map(requests)).toEqual([0, 1, 2]);
  });

  it('shows the process and Node', async () => {
    const families = await scrape(metricsOf({ includeProcess: true }));
    expect(sampleValue(families, 'process_start_time_seconds')).toBeGreaterThan(1_600_000_000);
    expect(sampleValue(families, 'process_open_fds')).toBeGreaterThan(3);
    expect(families.has('nodejs_active_handles')).toBe(false);
    expect(families.has('nodejs_eventloop_lag_seconds')).toBe(true);
    expect(families.has('nodejs_heap_size_used_bytes')).toBe(true);
  });
});
