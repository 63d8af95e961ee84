import type { Route, RouteTable } from '../model/route-table.ts';

/** A name that `legacy_only` says or covers, and why legacy does not answer for it all the same. */
export interface Spared {
  /** A feature's name for `done`, unless the route was named; else a route's. */
  readonly name: string;
  /** `done`: legacy's code for it may be gone. Redirect and respond have no backend. */
  readonly why: 'done' | 'redirect' | 'respond';
}

/** What `legacy_only` never moves (docs/routes.md), so that it can be said. Features first, in the file's order. */
export function sparedByLegacyOnly(table: RouteTable): readonly Spared[] {
  const { everything } = table.legacyOnly;
  const features = new Set(table.legacyOnly.features);
  const routes = new Set(table.legacyOnly.routes);
  const done = Object.values(table.features)
    .filter(({ name, stage }) => stage === 'done' && (everything || features.has(name)))
    .map(({ name }): Spared => ({ name, why: 'done' }));
  const spared = table.routes.flatMap((route): Spared[] => {
    const why = everything || routes.has(route.name) ? reasonOf(table, route) : null;
    // With everything named, a feature that is done is said once, not with each of its routes.
    return why === null || (why === 'done' && everything) ? [] : [{ name: route.name, why }];
  });
  return [...done, ...spared];
}

function reasonOf(table: RouteTable, { action }: Route): Spared['why'] | null {
  if (action.kind !== 'to') return action.kind;
  const isDone = action.feature !== null && table.features[action.feature]?.stage === 'done';
  return isDone ? 'done' : null;
}
