import { type PathPattern, patternOf } from '../../model/path-pattern.ts';
import type { Ranked } from '../../model/precedence.ts';
import type { Match, Route } from '../../model/route-table.ts';
import type { IssueCollector } from '../issue-collector.ts';
import type { Path } from '../schema-check.ts';

/** What rules about the routes among each other look at: complete routes, those with errors left out. */
export interface TableContext {
  readonly routes: readonly Route[];
  readonly caseSensitive: boolean;
  readonly issues: IssueCollector;
}

/** A rule about routes among each other. */
export type TableRule = (context: TableContext) => void;

/** One alternative of a route, taken apart for precedence. Its hosts are '' for any. */
export interface Alternative extends Omit<Ranked, 'host'> {
  readonly route: Route;
  readonly match: Match;
  readonly hosts: readonly string[];
  readonly pattern: PathPattern;
}

/** Every alternative of the routes, in file order. */
export function alternativesOf({ routes, caseSensitive }: TableContext): Alternative[] {
  return routes.flatMap((route) =>
    route.matches.map((match, alternative) => ({
      route,
      match,
      alternative,
      routeIndex: route.index,
      hosts: match.hosts.length === 0 ? [''] : match.hosts,
      pattern: patternOf(match.path, { caseSensitive }),
    })),
  );
}

/** Where a route stands in the file. */
export function pathOfRoute(route: Route): Path {
  return ['routes', route.index];
}

/** `"orders" (line 14)`. */
export function mention(route: Route): string {
  return `"${route.name}" (line ${route.line})`;
}
