import { setImmediate } from 'node:timers/promises';
import type { Matcher } from '../model/matched.ts';
import type { RouteTable } from '../model/route-table.ts';
import { consider } from './consider.ts';
import type { Entry } from './entry.ts';
import { HostIndexBuilder } from './host-index.ts';
import { matchOnePath } from './one-path.ts';
import { entriesOf } from './table-entries.ts';

/** How long a slice of {@link buildMatcherInSlices} may hold the event loop, in ms, unless said otherwise. */
const SLICE_MS = 10;

/** Builds the matcher of a table at once. Throws RE2JS's exception on a regular expression that is none. */
export function buildMatcher(table: RouteTable): Matcher {
  const steps = matcherSteps(table);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, giving way to the event loop: for tables of thousands of routes that are replaced under load. */
export async function buildMatcherInSlices(
  table: RouteTable,
  {
    sliceMs = SLICE_MS,
    pause = () => setImmediate(),
  }: { sliceMs?: number; pause?: () => Promise<unknown> } = {},
): Promise<Matcher> {
  const steps = matcherSteps(table);
  let started = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - started < sliceMs) continue;
    await pause();
    started = performance.now();
  }
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
