import { compareConditions } from '../model/precedence.ts';
import { conditionsHold, type Entry, regexHolds } from './entry.ts';
import type { RequestFields } from './request-fields.ts';

/**
 * The alternatives that end at one place of the path index, in precedence order: they differ by method, headers,
 * cookies and query alone (and by their regular expressions, where that is what ends there). A few are asked one by
 * one. Many are split by the value of the condition that most of them have, so that a thousand tenants told apart by
 * one header cost one look-up.
 */
export interface EntryList {
  /** All of them, in precedence order. */
  readonly entries: readonly Entry[];
  /** null: few, or nothing to split them by. */
  readonly split: Split | null;
}

/** What a list is split by: the exact value of a header, cookie or query parameter, or the method. */
interface Key {
  readonly source: 'method' | 'header' | 'cookie' | 'query';
  readonly name: string;
}

interface Split {
  readonly key: Key;
  readonly byValue: ReadonlyMap<string, EntryList>;
  /** Those that ask for no certain value. */
  readonly others: EntryList;
}

/** Up to here asking one by one is as fast as a look-up. */
const FEW = 8;
/** How many alternatives are dealt with at a time while an index is built. */
const A_FEW_MANY = 256;

/** Orders and splits the alternatives of one place. Yields now and then, as there may be thousands. */
export function* entryListOf(entries: readonly Entry[]): Generator<void, EntryList> {
  return yield* listOf(entries.length > 1 ? [...entries].sort(compareEntries) : entries);
}

/** The first alternative whose conditions all hold, or null. */
export function firstHolding(list: EntryList, form: string, fields: RequestFields): Entry | null {
  const { split } = list;
  if (split === null || ignoresValue(split.key, fields)) return firstOf(list.entries, form, fields);
  const value = fieldOf(split.key, fields);
  const matching = value === undefined ? undefined : split.byValue.get(value);
  const one = matching === undefined ? null : firstHolding(matching, form, fields);
  const other = firstHolding(split.others, form, fields);
  if (one === null || other === null) return one ?? other;
  return compareEntries(one, other) < 0 ? one : other;
}

/** Regular expressions by the length of their heads first; all others at one place have the same path. */
function compareEntries(a: Entry, b: Entry): number {
  return b.pattern.characters - a.pattern.characters || compareConditions(a, b);
}

function firstOf(entries: readonly Entry[], form: string, fields: RequestFields): Entry | null {
  for (const entry of entries) if (regexHolds(entry, form) && conditionsHold(entry, fields)) return entry;
  return null;
}

/** The order of `entries` is kept in every part. */
function* listOf(entries: readonly Entry[]): Generator<void, EntryList> {
  const key = entries.length > FEW ? yield* bestKey(entries) : null;
  return { entries, split: key === null ? null : yield* splitBy(key, entries) };
}

function* splitBy(key: Key, entries: readonly Entry[]): Generator<void, Split> {
  const parts = new Map<string, Entry[]>();
  const others: Entry[] = [];
  for (const [i, entry] of entries.entries()) {
    if (i % A_FEW_MANY === 0) yield;
    const values = valuesAsked(entry, key);
    if (values.length === 0) others.push(entry);
    for (const value of values) {
      const part = parts.get(value);
      if (part === undefined) parts.set(value, [entry]);
      else part.push(entry);
    }
  }
  const byValue = new Map<string, EntryList>();
  for (const [value, part] of parts) byValue.set(value, yield* partOf(part, entries));
  return { key, byValue, others: yield* partOf(others, entries) };
}

/** A part that is the whole again would be split for ever. */
function* partOf(part: readonly Entry[], whole: readonly Entry[]): Generator<void, EntryList> {
  yield;
  return part.length < whole.length ? yield* listOf(part) : { entries: part, split: null };
}

/** What most of them ask a certain value of; null if splitting by it would leave the list nearly whole. */
function* bestKey(entries: readonly Entry[]): Generator<void, Key | null> {
  const counts = new Map<string, { key: Key; count: number; values: Set<string> }>();
  for (const [i, entry] of entries.entries()) {
    if (i % A_FEW_MANY === 0) yield;
    for (const key of keysOf(entry)) {
      const id = `${key.source} ${key.name}`;
      const known = counts.get(id) ?? { key, count: 0, values: new Set<string>() };
      known.count += 1;
      for (const value of valuesAsked(entry, key)) known.values.add(value);
      counts.set(id, known);
    }
  }
  let best: { key: Key; gain: number } | null = null;
  for (const { key, count, values } of counts.values()) {
    // How many of them one request is spared on average.
    const gain = count - count / values.size;
    if (gain >= 2 && gain > (best?.gain ?? 0)) best = { key, gain };
  }
  return best?.key ?? null;
}

function keysOf(entry: Entry): Key[] {
  const keys: Key[] = [];
  if (entry.match.methods.length > 0) keys.push({ source: 'method', name: '' });
  for (const { kind, source, name } of entry.tests) if (kind === 'exact') keys.push({ source, name });
  return keys;
}

function valuesAsked(entry: Entry, key: Key): readonly string[] {
  if (key.source === 'method') return entry.match.methods;
  const test = entry.tests.find(
    ({ kind, source, name }) => kind === 'exact' && source === key.source && name === key.name,
  );
  return test === undefined ? [] : [test.value];
}

function fieldOf(key: Key, fields: RequestFields): string | undefined {
  switch (key.source) {
    case 'method':
      return fields.method;
    case 'header':
      return fields.header(key.name);
    case 'cookie':
      return fields.cookie(key.name);
    case 'query':
      return fields.query(key.name);
  }
}

/** A preflight says which headers will come, not their values, and nothing of cookies. */
function ignoresValue(key: Key, fields: RequestFields): boolean {
  if (!fields.isPreflight) return false;
  return key.source === 'cookie' || (key.source === 'header' && fields.announces(key.name));
}
