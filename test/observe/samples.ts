import type { Decision, Reason } from '../../src/model/decision.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Route, RouteTable, Side } from '../../src/model/route-table.ts';

/** What happened, for tests of what is made of it. */

/** The decision for a route of the table by its name; a feature's route is answered by the side given. */
export function decisionOf(
  table: RouteTable,
  name: string,
  side: Side = 'feature',
  reason: Reason = 'stage',
): Decision {
  const route = routeOf(table, name);
  const { action } = route;
  if (action.kind !== 'to') return { kind: 'local', route, feature: null };
  if (action.feature === null) {
    const why = route.index < 0 ? 'default' : 'pinned';
    return {
      kind: 'forward',
      route,
      side: 'legacy',
      backend: table.legacy,
      feature: null,
      reason: why,
      ...ALONE,
    };
  }
  const feature = table.features[action.feature];
  if (feature === undefined) throw new Error(`no feature ${action.feature}`);
  const backend = side === 'legacy' ? table.legacy : feature.backend;
  return { kind: 'forward', route, side, backend, feature, reason, ...ALONE };
}

/** Only one side is asked. */
const ALONE = { fallback: null, either: null };

/** The route of that name. */
export function routeOf(table: RouteTable, name: string): Route {
  const route = [...table.routes, table.defaultRoute].find((candidate) => candidate.name === name);
  if (route === undefined) throw new Error(`no route ${name}`);
  return route;
}

/** An outcome of a GET that went well in 20 ms, with what is given. */
export function outcomeOf(decision: Decision, given: Partial<Outcome> = {}): Outcome {
  return {
    requestId: '0b5b0a1c-7b3e-4d62-9a55-1b1a1c1d1e1f',
    time: Date.UTC(2024, 4, 6, 7, 8, 9, 10),
    head: { method: 'GET', target: '/api/orders/7', minorVersion: 1, headers: ['User-Agent', 'curl/8.0'] },
    peer: { address: '192.0.2.7', port: 50_000, secure: false },
    client: '192.0.2.7',
    decision,
    status: 200,
    failure: null,
    backend: decision.kind === 'forward' ? decision.backend.name : 'none',
    endpoint: decision.kind === 'forward' ? '10.0.0.5:3000' : null,
    attempts: decision.kind === 'forward' ? 1 : 0,
    durationMs: 20,
    backendMs: decision.kind === 'forward' ? 12 : null,
    bytesIn: 3,
    bytesOut: 500,
    upgraded: false,
    eventStream: false,
    ...given,
  };
}
