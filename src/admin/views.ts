import {
  type BackendStatus,
  backendProtocol,
  type CapacityStatus,
  type EndpointStatus,
} from '../model/backend-status.ts';
import type { ConfigIssue } from '../model/config-issue.ts';
import type { Decision } from '../model/decision.ts';
import { formatAddress } from '../model/listen-address.ts';
import type { LiveView } from '../model/live-view.ts';
import type { Action, Backend, BackendUrl, Route } from '../model/route-table.ts';
import type { AdminDeps } from './admin-deps.ts';
import { rollbackView } from './rollback-view.ts';
import { shadowSummary } from './shadow-view.ts';
import { featureView, openView } from './use-view.ts';

/** The bodies of the admin listener's JSON answers: model types in, plain objects with snake_case keys out. */

/** `/api/routes`: the table in file order, with the effective side and stage, and why. */
export function routesView(deps: AdminDeps): object {
  return {
    revision: deps.table()?.revision ?? null,
    routes: deps.decisions().map(routeView),
    auto_rollback: deps.rollbacks().map(rollbackView),
    shadow: deps.shadows().map(shadowSummary),
  };
}

function routeView(decision: Decision): object {
  const { route } = decision;
  const isForward = decision.kind === 'forward';
  return {
    name: route.name,
    line: route.line,
    matches: route.matches.map(matchView),
    ...actionView(route.action),
    feature: decision.feature?.name ?? null,
    stage: decision.feature?.stage ?? null,
    side: isForward ? decision.side : null,
    backend: isForward ? decision.backend.name : 'none',
    reason: isForward ? decision.reason : null,
  };
}

function matchView(match: Route['matches'][number]): object {
  const { hosts, path, methods, headers, query, cookies } = match;
  const value = path.kind === 'regex' ? path.source : path.value;
  return { hosts, [path.kind]: value, methods, headers, query, cookies };
}

function actionView(action: Action): object {
  switch (action.kind) {
    case 'to':
      return { to: action.feature ?? 'legacy', pin: action.pin };
    case 'redirect':
      return { redirect: { to: action.to, status: action.status } };
    case 'respond':
      return { respond: { status: action.status, type: action.type } };
  }
}

/** `/api/backends`: where each is, its endpoints, and how busy it is. */
export function backendsView(deps: Pick<AdminDeps, 'table'>, live: LiveView): object {
  const table = deps.table();
  if (table === null) return { revision: null, backends: [] };
  const statuses = new Map(live.backends.map((status) => [status.backend, status]));
  const capacities = new Map(live.capacities.map((capacity) => [capacity.backend, capacity]));
  const open = new Map(live.open.map((one) => [one.backend, one]));
  const uses = new Map(live.uses.map((use) => [use.feature, use]));
  const view = (backend: Backend): object => ({
    ...backendView(backend, statuses.get(backend.name), capacities.get(backend.name)),
    open: openView(open.get(backend.name)),
  });
  const features = Object.values(table.features).map((feature) => ({
    ...view(feature.backend),
    feature: featureView(feature, uses.get(feature.name)),
  }));
  return { revision: table.revision, backends: [{ ...view(table.legacy), feature: null }, ...features] };
}

function backendView(
  backend: Backend,
  status: BackendStatus | undefined,
  capacity: CapacityStatus | undefined,
): object {
  const endpoints = status?.endpoints ?? [];
  return {
    name: backend.name,
    urls: backend.urls.map(urlText),
    in_flight: capacity?.inFlight ?? endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0),
    max_in_flight: backend.maxInFlight,
    waiting: capacity?.waiting ?? 0,
    endpoints: endpoints.map((endpoint) => endpointView(endpoint, backend)),
    names: (status?.names ?? []).map(({ host, answeredAt, problem }) => ({
      host,
      answered_at: answeredAt === null ? null : isoTime(answeredAt),
      problem,
    })),
  };
}

/** A url as the table holds it: user and password never get so far. */
function urlText({ secure, host, port, basePath }: BackendUrl): string {
  return `${secure ? 'https' : 'http'}://${formatAddress(host, port)}${basePath}`;
}

function endpointView(endpoint: EndpointStatus, backend: Backend): object {
  const { address, port, hostname, state, why, inFlight, nextProbeAt } = endpoint;
  return {
    address: formatAddress(address, port),
    host: hostname,
    protocol: backendProtocol(backend, endpoint),
    state,
    why,
    since: isoTime(endpoint.since),
    consecutive_failures: endpoint.consecutiveFailures,
    next_probe: nextProbeAt === null ? null : isoTime(nextProbeAt),
    in_flight: inFlight,
  };
}

/** `/api/config`: what is in force, what became of the last reload, and what `legacy_only` does. */
export function configView(deps: AdminDeps): object {
  const table = deps.table();
  const last = deps.lastReload();
  return {
    revision: table?.revision ?? null,
    from_state: last?.report.fromState ?? false,
    last_reload:
      last === null
        ? null
        : {
            result: last.report.result,
            time: isoTime(last.report.time),
            issues: last.report.issues.map(issueView),
            text: last.text,
          },
    legacy_only: table === null ? null : { ...table.legacyOnly, spared: deps.spared() },
  };
}

function issueView({ severity, file, line, column, message }: ConfigIssue): object {
  return { severity, file, line, column, message };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `/api/refusals`: requests that were refused before a route was known, the newest first. */
export function refusalsView({ refusals }: LiveView): object {
  return {
    refusals: refusals.map((refusal) => ({
      time: new Date(refusal.time).toISOString(),
      request_id: refusal.requestId,
      failure: refusal.failure,
      status: refusal.status,
      client: refusal.client,
      method: refusal.method,
      path: refusal.path,
      user_agent: refusal.userAgent,
    })),
  };
}
