import { type Decisions, decideAll, isLegacyOnly } from './decide/decide.ts';
import { buildMatcherInSlices } from './match/build-matcher.ts';
import type { Decision } from './model/decision.ts';
import type { Matcher } from './model/matched.ts';
import type { RouteTable } from './model/route-table.ts';
import { TrustedProxies } from './model/trusted-proxies.ts';

/** A table with all that is made from it once: what an exchange reads at its start, and nothing after it. */
export interface InForce {
  readonly table: RouteTable;
  readonly matcher: Matcher;
  readonly decisions: Decisions;
  readonly trust: TrustedProxies;
}

/** Makes a table ready, in slices that don't hold up the event loop. */
export async function makeReady(table: RouteTable): Promise<InForce> {
  return {
    table,
    matcher: await buildMatcherInSlices(table),
    decisions: decideAll(table),
    trust: new TrustedProxies(table.trustProxies),
  };
}

/** Whether what a feature was given under an older table is legacy's by this one, through `legacy_only`. */
export function isTakenBack(decision: Extract<Decision, { kind: 'forward' }>, { table }: InForce): boolean {
  if (decision.side !== 'feature' || decision.feature === null) return false;
  const feature = table.features[decision.feature.name];
  if (feature === undefined || feature.stage === 'done') return false;
  const route = table.routes.find(({ name }) => name === decision.route.name) ?? decision.route;
  return isLegacyOnly(table, route, feature);
}
