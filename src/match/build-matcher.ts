import { atOnce, inSlices, type Slicing } from '../model/in-slices.ts';
import type { Matcher } from '../model/matched.ts';
import type { RouteTable } from '../model/route-table.ts';
import { consider } from './consider.ts';
import type { Entry } from './entry.ts';
import { HostIndexBuilder } from './host-index.ts';
import { matchOnePath } from './one-path.ts';
import { entriesOf } from './table-entries.ts';

/** Builds the matcher of a table at once. Throws RE2JS's exception on a regular expression that is none. */
export function buildMatcher(table: RouteTable): Matcher {
  return atOnce(matcherSteps(table));
}

/** The same, giving way to the event loop: for tables of thousands of routes that are replaced under load. */
export function buildMatcherInSlices(table: RouteTable, slicing?: Slicing): Promise<Matcher> {
  return inSlices(matcherSteps(table), slicing);
}

/** Each step is short; what is built is complete only when they are done. */
function* matcherSteps(table: RouteTable): Generator<void, Matcher> {
  const builder = new HostIndexBuilder();
  const entries: Entry[] = [];
  for (const entry of entriesOf(table)) {
    builder.add(entry);
    entries.push(entry);
    yield;
  }
  const indexed = { table, index: yield* builder.finish() };
  return {
    match: (traits) => matchOnePath(indexed, traits),
    consider: (traits) => consider({ table, entries }, traits),
  };
}
