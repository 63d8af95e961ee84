import { DEFAULT_ROUTE, type PathRules, type Route, type RouteTable } from '../model/route-table.ts';
import { buildBackend, buildFeature } from './build-backend.ts';
import { buildPolicy, buildRoute } from './build-route.ts';
import { DEFAULT_MATCH, DEFAULT_PATHS } from './defaults.ts';
import { legacyOnlyOf } from './legacy-only.ts';
import { routeNames } from './route-names.ts';
import type { RoutesFile } from './schema/routes-file-schema.ts';

/** What a table needs beside the file: where things stand, and what came with it. */
export interface TableExtras {
  readonly revision: string;
  readonly legacyOnlyFile: string | null;
  /** From {@link buildRoutes}. */
  readonly routes: readonly Route[];
  /** 1-based line of a route by its index; -1 asks for `default`, 0 if it is not written. */
  lineOf(index: number): number;
}

/** The complete route table of a file that passed schema and rules. */
export function buildTable(file: RoutesFile, extras: TableExtras): RouteTable {
  const features = Object.entries(file.features ?? {}).map(
    ([name, written]) => [name, buildFeature(name, written)] as const,
  );
  const { routes } = extras;
  return {
    revision: extras.revision,
    legacy: buildBackend('legacy', file.legacy),
    features: Object.fromEntries(features),
    routes,
    defaultRoute: buildDefault(file, extras.lineOf(-1)),
    legacyOnly: legacyOnlyOf(file.legacy_only, extras.legacyOnlyFile, {
      features: new Set(features.map(([name]) => name)),
      routes: new Set(routes.map((route) => route.name)),
    }),
    trustProxies: file.trust_proxies ?? [],
    paths: buildPaths(file.paths),
    debugHeaders: file.debug_headers ?? false,
  };
}

/** The routes alone, with their names. */
export function buildRoutes(file: RoutesFile, lineOf: (index: number) => number): Route[] {
  const written = file.routes ?? [];
  const names = routeNames(written);
  return written.map((route, index) =>
    buildRoute(route, { index, name: names[index] ?? '', line: lineOf(index) }),
  );
}

function buildDefault(file: RoutesFile, line: number): Route {
  return {
    index: -1,
    name: DEFAULT_ROUTE,
    line,
    matches: [DEFAULT_MATCH],
    action: { kind: 'to', feature: null, pin: false },
    policy: buildPolicy(file.default ?? {}),
  };
}

/** How paths are read. */
export function buildPaths(paths: RoutesFile['paths']): PathRules {
  return {
    mergeSlashes: paths?.merge_slashes ?? DEFAULT_PATHS.mergeSlashes,
    caseSensitive: paths?.case === undefined ? DEFAULT_PATHS.caseSensitive : paths.case === 'sensitive',
    ambiguous: paths?.ambiguous ?? DEFAULT_PATHS.ambiguous,
  };
}
