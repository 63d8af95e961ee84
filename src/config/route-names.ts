import { pathOf } from './build-route.ts';
import { DEFAULT_MATCH } from './defaults.ts';
import type { RouteFile } from './schema/route-schema.ts';

/**
 * The names of routes that have none (docs/routes.md): the first of a feature takes the feature's name, further
 * ones `feature:/path`; others `legacy:/path`, `redirect:/path`, `respond:/path`; a clash gets `#2`. Written names come
 * first: a default never takes one away.
 */
export function routeNames(routes: readonly RouteFile[]): string[] {
  const taken = new Set(routes.flatMap((route) => (route.name === undefined ? [] : [route.name])));
  const begun = new Set<string>();
  const counts = new Map<string, number>();
  return routes.map((route) => {
    if (route.name !== undefined) return route.name;
    const wanted = defaultName(route, begun);
    let name = wanted;
    for (let n = (counts.get(wanted) ?? 1) + 1; taken.has(name); n++) {
      name = `${wanted}#${n}`;
      counts.set(wanted, n);
    }
    taken.add(name);
    return name;
  });
}

function defaultName(route: RouteFile, begun: Set<string>): string {
  const owner = ownerOf(route);
  const isFeature = route.to !== undefined && route.to !== 'legacy';
  if (isFeature && !begun.has(owner)) {
    begun.add(owner);
    return owner;
  }
  return `${owner}:${labelOfPath(route)}`;
}

function ownerOf(route: RouteFile): string {
  if (route.redirect !== undefined) return 'redirect';
  if (route.respond !== undefined) return 'respond';
  return route.to ?? 'legacy';
}

/** The path that names a route: of its first alternative, without what a name can't hold. */
function labelOfPath(route: RouteFile): string {
  const { match = {} } = route;
  const path = pathOf(match) ?? pathOf(match.any?.[0] ?? {}) ?? DEFAULT_MATCH.path;
  const text = path.kind === 'regex' ? path.source : path.value;
  return text.replace(/[^\x21-\x7E]|#/g, '_').slice(0, 160);
}
