/**
 * A change of routes.yaml by a verb of the command line, from the old text to the new one:
 *
 *   text ─▶ sound? ─▶ already so? ─▶ edit in place ─▶ nothing else changed? ─▶ still sound? ─▶ new text
 *
 * Pure: nothing is read or written here. `edit-save` writes.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ConfigIssue } from '../model/config-issue.ts';
import type { Loaded } from '../model/loaded.ts';
import type { Match, RouteTable } from '../model/route-table.ts';
import { buildMatches } from './build-route.ts';
import { type CarveChange, editCarve } from './edit-carve.ts';
import type { RoutesChange } from './edit-change.ts';
import { expectedAfter, strayChange } from './edit-expected.ts';
import { editLegacyOnly } from './edit-legacy-only.ts';
import { editStage, type StageChange } from './edit-stage.ts';
import { EditRefused } from './edit-yaml.ts';
import { type ParseInput, parseRoutes } from './parse-routes.ts';
import { readYamlTree } from './read-yaml-tree.ts';
import { type Range, SourceText } from './source-text.ts';

/** What became of it. */
export type Edited =
  | { readonly kind: 'changed'; readonly text: string; readonly before: Loaded; readonly after: Loaded }
  /** The file says so already. */
  | { readonly kind: 'already'; readonly before: Loaded }
  /** The file had errors before the edit, or would have after it. */
  | { readonly kind: 'broken' | 'rejected'; readonly issues: readonly ConfigIssue[] }
  /** It cannot be made in place. */
  | { readonly kind: 'refused'; readonly issue: ConfigIssue };

/** Makes a change. `before` is what the text parses to, if that is known. Never throws on what a user can write. */
export function editRoutes(
  input: ParseInput,
  change: RoutesChange,
  before: Loaded = parseRoutes(input.text, input),
): Edited {
  if (before.table === null) return { kind: 'broken', issues: before.issues };
  const source = new SourceText(input.file, input.text);
  const root = plainValues(input, source.text);
  if (isAlready(change, before.table, root)) return { kind: 'already', before };
  try {
    const body = edited(source.text, change);
    const stray = strayChange(expectedAfter(root, change), plainValues(input, body), placeOf(change));
    if (stray !== null) throw new EditRefused(stray, changedWord(source.text, body));
    const text = input.text.slice(0, input.text.length - source.text.length) + body;
    const after = parseRoutes(text, input);
    if (after.table === null) return { kind: 'rejected', issues: after.issues };
    return { kind: 'changed', text, before, after };
  } catch (error) {
    if (!(error instanceof EditRefused)) throw error;
    return { kind: 'refused', issue: issueOf(error, source) };
  }
}

function edited(text: string, change: RoutesChange): string {
  switch (change.kind) {
    case 'stage':
      return editStage(text, change);
    case 'carve':
      return editCarve(text, change);
    case 'legacy_only':
      return editLegacyOnly(text, change.name);
  }
}

/** The word at which two texts begin to differ. */
function changedWord(before: string, after: string): Range {
  const isWord = (at: number): boolean => /[^\s,{}[\]]/.test(before[at] ?? ' ');
  let end = 0;
  while (end < before.length && before[end] === after[end]) end++;
  let start = end;
  while (isWord(start - 1)) start--;
  while (isWord(end)) end++;
  return [start, end];
}

/** The feature, or the key, that a change is about. */
function placeOf(change: RoutesChange): string {
  if (change.kind === 'stage') return change.feature;
  return change.kind === 'carve' ? 'routes' : 'legacy_only';
}

function plainValues({ file, env }: ParseInput, text: string): unknown {
  return readYamlTree(new SourceText(file, text), env, new Map()).root;
}

function issueOf({ message, range }: EditRefused, source: SourceText): ConfigIssue {
  const whole = `cannot be edited by itself: ${message}`;
  if (range !== null) return source.issue('error', range, whole);
  return { severity: 'error', file: source.file, line: 0, column: 0, message: whole, source: null, width: 1 };
}

function isAlready(change: RoutesChange, table: RouteTable, root: unknown): boolean {
  switch (change.kind) {
    case 'stage':
      return isStaged(change, table, root);
    case 'carve':
      return change.url === null && routeLike(change, table) !== null;
    case 'legacy_only': {
      const { legacy_only: names } = root as { legacy_only?: unknown };
      return names === true || (Array.isArray(names) && names.includes(change.name));
    }
  }
}

function isStaged({ feature, stage, share }: StageChange, table: RouteTable, root: unknown): boolean {
  if (table.features[feature]?.stage !== stage) return false;
  if (share === null) return true;
  const { features } = root as { features: Record<string, { canary?: { share?: unknown } }> };
  return Number.parseFloat(String(features[feature]?.canary?.share)) === Number.parseFloat(share);
}

/** The name of a route of the table that already sends just these requests there; null if there is none. */
export function routeLike(change: Omit<CarveChange, 'url' | 'name'>, table: RouteTable): string | null {
  const wanted = matchOf(change);
  const feature = change.to === 'legacy' ? null : change.to;
  const isSame = (match: Match): boolean => isDeepStrictEqual(match, wanted);
  const found = table.routes.find(
    ({ action, matches }) => action.kind === 'to' && action.feature === feature && matches.some(isSame),
  );
  return found?.name ?? null;
}

/** What a route matches that is carved so. */
export function matchOf({ path, methods, hosts }: Pick<CarveChange, 'path' | 'methods' | 'hosts'>): Match {
  const [match] = buildMatches({
    ...(path.kind === 'prefix' ? { prefix: path.value } : { path: path.value }),
    methods: [...methods],
    hosts: [...hosts],
  });
  return match as Match;
}
