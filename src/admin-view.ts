import type { AdminDeps } from './admin/admin-deps.ts';
import { usualDecision } from './decide/route-plan.ts';
import { sparedByLegacyOnly } from './decide/spared.ts';
import { explain } from './explain.ts';
import type { LiveCapacity } from './live/capacity.ts';
import type { LiveEndpoints } from './live/endpoints.ts';
import type { Metrics } from './observe/metrics.ts';
import type { RoutesInForce } from './routes-in-force.ts';

/** The running parts that the admin listener looks at. */
export interface Viewed {
  readonly adminHosts: readonly string[];
  readonly metrics: Metrics;
  readonly routes: RoutesInForce;
  readonly endpoints: LiveEndpoints;
  readonly capacity: LiveCapacity;
  readonly open: AdminDeps['open'];
  readonly uses: AdminDeps['uses'];
  readonly readiness: AdminDeps['readiness'];
}

/** What the admin listener shows, read off the running parts at each question. */
export function adminView({
  adminHosts,
  metrics,
  routes,
  endpoints,
  capacity,
  open,
  uses,
  readiness,
}: Viewed): AdminDeps {
  return {
    adminHosts,
    metrics,
    readiness,
    open,
    uses,
    table: () => routes.current?.table ?? null,
    decisions: () => (routes.current?.plans ?? []).map(usualDecision),
    backends: () => endpoints.snapshot(),
    capacities: () => capacity.snapshot(),
    lastReload: () => routes.lastReload,
    spared: () =>
      routes.current === null ? [] : sparedByLegacyOnly(routes.current.table).map(({ name }) => name),
    explain: (question) =>
      routes.current === null
        ? { problem: 'There is no route table yet.' }
        : { answer: explain(routes.current, question) },
  };
}
