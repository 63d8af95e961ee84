import type { AdminDeps } from './admin/admin-deps.ts';
import { usualDecision } from './decide/route-plan.ts';
import { sparedByLegacyOnly } from './decide/spared.ts';
import { explain } from './explain.ts';
import type { RoutesInForce } from './routes-in-force.ts';

/** The running parts that the admin listener looks at. */
export interface Viewed {
  readonly adminHosts: readonly string[];
  readonly metrics: AdminDeps['metrics'];
  readonly routes: RoutesInForce;
  readonly live: AdminDeps['live'];
  readonly rollbacks: AdminDeps['rollbacks'];
  readonly shadows: AdminDeps['shadows'];
  readonly readiness: AdminDeps['readiness'];
}

/** What the admin listener shows, read off the running parts at each question. */
export function adminView({
  adminHosts,
  metrics,
  routes,
  live,
  rollbacks,
  shadows,
  readiness,
}: Viewed): AdminDeps {
  return {
    adminHosts,
    metrics,
    readiness,
    live,
    rollbacks,
    shadows,
    table: () => routes.current?.table ?? null,
    decisions: () => (routes.current?.plans ?? []).map(usualDecision),
    lastReload: () => routes.lastReload,
    spared: () =>
      routes.current === null ? [] : sparedByLegacyOnly(routes.current.table).map(({ name }) => name),
    explain: (question) =>
      routes.current === null
        ? { problem: 'There is no route table yet.' }
        : { answer: explain(routes.current, question) },
  };
}
