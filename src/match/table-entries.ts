import { RE2JS } from 're2js';
import { patternOf } from '../model/path-pattern.ts';
import type { Match, Route, RouteTable } from '../model/route-table.ts';
import type { Entry } from './entry.ts';
import { readyTests } from './value-test.ts';

/** Every alternative of a table for every host it names, in the order of the file. */
export function* entriesOf(table: RouteTable): Generator<Entry, void> {
  for (const [routeIndex, route] of table.routes.entries()) {
    for (const [alternative, match] of route.matches.entries()) {
      yield* entriesOfMatch(table, { route, routeIndex, alternative, match });
    }
  }
}

interface Place {
  readonly route: Route;
  readonly routeIndex: number;
  readonly alternative: number;
  readonly match: Match;
}

function* entriesOfMatch(table: RouteTable, place: Place): Generator<Entry, void> {
  const { caseSensitive } = table.paths;
  const pattern = patternOf(place.match.path, { caseSensitive });
  const flags = caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE;
  const regex = pattern.kind === 'regex' ? RE2JS.compile(pattern.source, flags) : null;
  const tests = readyTests(place.match);
  const hosts = place.match.hosts.length === 0 ? [''] : place.match.hosts;
  for (const host of new Set(hosts)) yield { ...place, host, pattern, regex, tests };
}
