import type { Decision, Reason } from '../model/decision.ts';
import { atOnce, inSlices, type Slicing } from '../model/in-slices.ts';
import type { Feature, Route, RouteTable, Side } from '../model/route-table.ts';

/**
 * Who answers a route, in this order (docs/routes.md): redirect or respond · `done` · `legacy_only` · stage legacy ·
 * stage live. What depends on the client (testers, the bucket of a canary) will come in as arguments; what depends on
 * the table alone is decided once per route.
 */
export function decide(table: RouteTable, route: Route): Decision {
  const { action } = route;
  if (action.kind !== 'to') return Object.freeze({ kind: 'local', route, feature: null });
  if (action.feature === null) {
    return forward(table, route, {
      side: 'legacy',
      feature: null,
      reason: reasonOfLegacyRoute(table, route),
    });
  }
  const feature = featureOf(table, action.feature);
  return forward(table, route, { feature, ...sideOf(table, route, feature) });
}

/** The decisions of a table, each made once. */
export type Decisions = ReadonlyMap<Route, Decision>;

/**
 * Decides every route of a table in the order of the file, the default last. The hot path looks its route up.
 * @throws when a route goes to a feature that the table does not have: the configuration's check lets none through.
 */
export function decideAll(table: RouteTable): Decisions {
  return atOnce(decisionSteps(table));
}

/** The same, giving way to the event loop. */
export function decideAllInSlices(table: RouteTable, slicing?: Slicing): Promise<Decisions> {
  return inSlices(decisionSteps(table), slicing);
}

function* decisionSteps(table: RouteTable): Generator<void, Decisions> {
  const decisions = new Map<Route, Decision>();
  for (const route of table.routes) {
    decisions.set(route, decide(table, route));
    if (decisions.size % 100 === 0) yield;
  }
  return decisions.set(table.defaultRoute, decide(table, table.defaultRoute));
}

/** True if `legacy_only` names this route of this feature, in whichever way. Whether it moves it is another matter. */
export function isLegacyOnly(table: RouteTable, route: Route, feature: Feature): boolean {
  const { everything, features, routes } = table.legacyOnly;
  return everything || features.includes(feature.name) || routes.includes(route.name);
}

interface Answerer {
  readonly side: Side;
  readonly feature: Feature | null;
  readonly reason: Reason;
}

function forward(table: RouteTable, route: Route, { side, feature, reason }: Answerer): Decision {
  const backend = side === 'feature' && feature !== null ? feature.backend : table.legacy;
  return Object.freeze({ kind: 'forward', route, side, backend, feature, reason });
}

function sideOf(table: RouteTable, route: Route, feature: Feature): { side: Side; reason: Reason } {
  if (feature.stage === 'done') return { side: 'feature', reason: 'stage' };
  if (isLegacyOnly(table, route, feature)) return { side: 'legacy', reason: 'legacy_only' };
  // Shadow answers from legacy, and so does a canary for clients without a key, until there are keys.
  return { side: feature.stage === 'live' ? 'feature' : 'legacy', reason: 'stage' };
}

function reasonOfLegacyRoute(table: RouteTable, route: Route): Reason {
  return route === table.defaultRoute ? 'default' : 'pinned';
}

function featureOf(table: RouteTable, name: string): Feature {
  const feature = Object.hasOwn(table.features, name) ? table.features[name] : undefined;
  if (feature === undefined) throw new Error(`The route table has no feature "${name}".`);
  return feature;
}
