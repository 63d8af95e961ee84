import type { Loaded } from '../model/loaded.ts';
import type { RouteTable } from '../model/route-table.ts';
import { buildPaths, buildRoutes, buildTable } from './build-table.ts';
import { DidYouMean } from './did-you-mean.ts';
import type { EnvUsed } from './interpolate.ts';
import { IssueCollector } from './issue-collector.ts';
import type { OwnPlace } from './own-places.ts';
import type { MendedTree } from './read-around-slips.ts';
import { readAroundSlips } from './read-around-slips.ts';
import { revisionOf } from './revision.ts';
import { RULES, TABLE_RULES } from './rules/all-rules.ts';
import type { RoutesFile } from './schema/routes-file-schema.ts';
import { checkSchema } from './schema-check.ts';
import { SourceText } from './source-text.ts';

/**
 * The text of routes.yaml to a route table, in four steps:
 *
 *   text ─▶ tree (YAML, `${…}`, places) ─▶ file (schema) ─▶ rules ─▶ table
 *
 * Each step reports all it finds and hands on what is sound, so that one run tells everything. Pure and synchronous;
 * `serve` runs it in a thread of its own (`parse-in-thread`).
 */
export interface ParseInput {
  readonly text: string;
  /** As the user named it: every message begins with it. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of the LEGACY_ONLY file beside it; null when there is none. */
  readonly legacyOnlyFile: string | null;
  /** Where the router that reads it listens: no backend can be there. */
  readonly own?: readonly OwnPlace[];
}

/** Reads a routes file. A table comes out if no issue is an error. Never throws on what a user can write. */
export function parseRoutes(text: string, options: Omit<ParseInput, 'text'>): Loaded {
  const source = new SourceText(options.file, text);
  const used: EnvUsed = new Map();
  const tree = readAroundSlips(source, options.env, used);
  const issues = new IssueCollector(source, tree);
  const env = Object.fromEntries(used);
  const file = readFile(tree, issues, options);
  const table = file === null ? null : readTable(file, issues, { ...options, text, env });
  return { table: issues.hasErrors ? null : table, issues: issues.sorted(), env };
}

type Context = Pick<ParseInput, 'text' | 'legacyOnlyFile'> & { readonly env: Loaded['env'] };

function readFile(
  tree: MendedTree,
  issues: IssueCollector,
  { legacyOnlyFile, own = [] }: Pick<ParseInput, 'legacyOnlyFile' | 'own'>,
): RoutesFile | null {
  for (const slip of tree.slips) issues.atRange(slip.range, slip.message);
  if (tree.isBroken) return null;
  if (tree.root === undefined || tree.root === null) {
    issues.error([], 'the file is empty: at the least it names the monolith, "legacy: http://legacy:8080"');
    return null;
  }
  const didYouMean = new DidYouMean();
  issues.nextStage();
  const check = checkSchema(tree.root, didYouMean);
  for (const misfit of check.misfits) issues.error(misfit.path, misfit.message, misfit.at);
  issues.nextStage();
  if (check.file === null) return null;
  const context = { file: check.file, issues, didYouMean, legacyOnlyFile, own };
  for (const rule of RULES) rule(context);
  return check.file;
}

function readTable(file: RoutesFile, issues: IssueCollector, context: Context): RouteTable | null {
  const lineOf = (index: number): number => {
    if (index >= 0) return issues.lineOf(['routes', index]);
    return file.default ? issues.lineOf(['default']) : 0;
  };
  const routes = buildRoutes(file, lineOf);
  const { caseSensitive } = buildPaths(file.paths);
  const sound = routes.filter((route) => issues.isWhole(['routes', route.index]));
  for (const rule of TABLE_RULES) rule({ routes: sound, caseSensitive, issues });
  if (issues.hasErrors) return null;
  const { legacyOnlyFile } = context;
  return buildTable(file, { revision: revisionOf(context), legacyOnlyFile, routes, lineOf });
}
