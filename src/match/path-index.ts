import { isExact } from '../model/path-pattern.ts';
import type { Entry } from './entry.ts';
import { type EntryList, entryListOf, firstHolding } from './entry-list.ts';
import type { RequestFields } from './request-fields.ts';

/**
 * The routes of one host by their paths, in the shape that the precedence has:
 *
 *   exact paths   a map of whole paths
 *   segments      a tree; at each segment the literal child is asked before the parameter's, and both before what
 *                 ends here: whole paths with parameters, then longer heads of regular expressions, then prefixes,
 *                 then shorter heads
 *
 * A path that is taken by no alternative further down (a header was missing) falls back to what ends further up, so
 * the walk visits, at most, the nodes that spell the path with or without parameters, however many routes there are.
 */
export interface PathIndex {
  readonly exact: ReadonlyMap<string, EntryList>;
  readonly root: PathNode;
}

interface PathNode {
  readonly literals: ReadonlyMap<string, PathNode> | null;
  readonly parameter: PathNode | null;
  /** What ends at this node, in precedence order. */
  readonly whole: EntryList | null;
  readonly longerHeads: EntryList | null;
  readonly prefixes: EntryList | null;
  readonly shorterHeads: EntryList | null;
}

/** Where a segment would begin, when the path has no more. */
const END = -1;

/** The first alternative in precedence order that takes the request, or null. `form` as from `formOf`. */
export function findInPaths(index: PathIndex, form: string, fields: RequestFields): Entry | null {
  const exact = index.exact.get(form);
  const found = exact === undefined ? null : firstHolding(exact, form, fields);
  return found ?? findBelow(index.root, form, 1, fields);
}

function findBelow(node: PathNode, form: string, at: number, fields: RequestFields): Entry | null {
  let found: Entry | null = null;
  if (at === END) {
    if (node.whole !== null) found = firstHolding(node.whole, form, fields);
  } else if (node.literals !== null || node.parameter !== null) {
    found = findInChildren(node, form, at, fields);
  }
  if (found === null && node.longerHeads !== null) found = firstHolding(node.longerHeads, form, fields);
  if (found === null && node.prefixes !== null) found = firstHolding(node.prefixes, form, fields);
  if (found === null && node.shorterHeads !== null) found = firstHolding(node.shorterHeads, form, fields);
  return found;
}

function findInChildren(node: PathNode, form: string, at: number, fields: RequestFields): Entry | null {
  const slash = form.indexOf('/', at);
  const end = slash === -1 ? form.length : slash;
  const next = slash === -1 ? END : slash + 1;
  const literal = node.literals?.get(form.slice(at, end));
  const found = literal === undefined ? null : findBelow(literal, form, next, fields);
  // A parameter is never empty.
  if (found !== null || node.parameter === null || end === at) return found;
  return findBelow(node.parameter, form, next, fields);
}

/** Collects alternatives of one host, in any order; {@link finish} makes the index of them, step by step. */
export class PathIndexBuilder {
  private readonly exact = new Map<string, Entry[]>();
  private readonly root = new NodeBuilder();

  add(entry: Entry): void {
    const { pattern } = entry;
    if (isExact(pattern)) pushTo(this.exact, `/${pattern.segments.join('/')}`, entry);
    else this.root.descend(pattern.segments).entries.push(entry);
  }

  /** Yields after each node and each exact path, so that a large table can be built in slices. */
  *finish(): Generator<void, PathIndex> {
    const exact = new Map<string, EntryList>();
    for (const [path, entries] of this.exact) {
      exact.set(path, yield* entryListOf(entries));
      yield;
    }
    return { exact, root: yield* this.root.finish() };
  }
}

class NodeBuilder {
  readonly entries: Entry[] = [];
  private readonly literals = new Map<string, NodeBuilder>();
  private parameter: NodeBuilder | null = null;

  descend(segments: readonly (string | null)[]): NodeBuilder {
    let node: NodeBuilder = this;
    for (const segment of segments) node = node.child(segment);
    return node;
  }

  *finish(): Generator<void, PathNode> {
    const literals = new Map<string, PathNode>();
    for (const [segment, child] of this.literals) literals.set(segment, yield* child.finish());
    const parameter = this.parameter === null ? null : yield* this.parameter.finish();
    yield;
    return { literals: literals.size === 0 ? null : literals, parameter, ...(yield* endings(this.entries)) };
  }

  private child(segment: string | null): NodeBuilder {
    if (segment === null) {
      this.parameter ??= new NodeBuilder();
      return this.parameter;
    }
    const known = this.literals.get(segment);
    if (known !== undefined) return known;
    const created = new NodeBuilder();
    this.literals.set(segment, created);
    return created;
  }
}

type Endings = Pick<PathNode, 'whole' | 'longerHeads' | 'prefixes' | 'shorterHeads'>;

const NO_ENDINGS: Endings = { whole: null, longerHeads: null, prefixes: null, shorterHeads: null };

function* endings(entries: readonly Entry[]): Generator<void, Endings> {
  if (entries.length === 0) return NO_ENDINGS;
  const prefixes = entries.filter(({ pattern }) => pattern.kind === 'prefix');
  const heads = entries.filter(({ pattern }) => pattern.kind === 'regex');
  // All prefixes that end at one node have the same characters.
  const length = prefixes[0]?.pattern.characters ?? 0;
  return {
    whole: yield* listOrNull(entries.filter(({ pattern }) => pattern.kind === 'path')),
    longerHeads: yield* listOrNull(heads.filter(({ pattern }) => pattern.characters > length)),
    prefixes: yield* listOrNull(prefixes),
    shorterHeads: yield* listOrNull(heads.filter(({ pattern }) => pattern.characters <= length)),
  };
}

function* listOrNull(entries: readonly Entry[]): Generator<void, EntryList | null> {
  return entries.length === 0 ? null : yield* entryListOf(entries);
}

function pushTo(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [entry]);
  else known.push(entry);
}
