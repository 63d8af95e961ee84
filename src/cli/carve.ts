import { isDeepStrictEqual } from 'node:util';
import { readBackendUrl } from '../config/backend-url.ts';
import type { RoutesChange } from '../config/edit-change.ts';
import { matchOf, routeLike } from '../config/edit-routes.ts';
import { pathProblem } from '../config/path-form.ts';
import type { ConfigIssue } from '../model/config-issue.ts';
import type { Loaded } from '../model/loaded.ts';
import type { RouteTable } from '../model/route-table.ts';
import { EXIT } from './cli-io.ts';
import type { EditOptions } from './edit-options.ts';
import { type EditDeps, type RoutesVerb, runRoutesVerb } from './edit-routes-verb.ts';
import { whoAnswers } from './feature-words.ts';
import { noFeature } from './known-names.ts';
import type { RouterState } from './router-state.ts';
import { stageFields } from './set.ts';

/** What `banyan carve PATH --to NAME [--url URL]` takes. */
export interface CarveArguments {
  readonly path: string;
  readonly to: string;
  /** Of a feature that the file does not have yet. */
  readonly url: string | null;
  /** This path alone, not what is below it. */
  readonly exact: boolean;
  readonly methods: readonly string[];
  readonly hosts: readonly string[];
  readonly name: string | null;
}

/** `banyan carve`: a route in place, and its feature in stage legacy if it is new. Resolves with the exit code. */
export function carve(given: CarveArguments, options: EditOptions, deps: EditDeps): Promise<number> {
  const problem = problemOf(given);
  if (problem === null) return runRoutesVerb(carveVerb(given), options, deps);
  deps.io.err(`banyan carve: ${problem}\n`);
  return Promise.resolve(EXIT.usage);
}

function problemOf({ path, url, to }: CarveArguments): string | null {
  const problem = pathProblem(path, { mergeSlashes: true });
  if (problem !== null) return problem;
  if (url === null) return null;
  if (to === 'legacy') return '--url goes with a feature: legacy has its url already';
  const reading = readBackendUrl(url);
  return 'problem' in reading ? `--url: ${reading.problem}` : null;
}

interface Asked {
  readonly change: Extract<RoutesChange, { kind: 'carve' }>;
  readonly isNew: boolean;
}

function carveVerb(given: CarveArguments): RoutesVerb<Asked> {
  return {
    ask: (table) => ask(given, table),
    summary: ({ change, isNew }, before, isAlready) => summaryOf({ change, isNew }, before, isAlready),
    check: (_, after, fresh) => uselessness(after, fresh),
    isInForce: ({ change }, state) => hasRoute(state, change),
    tell: ({ change }, state) =>
      change.to === 'legacy' ? ['In force: legacy answers.'] : [`In force: ${whoAnswers(state, change.to)}.`],
    fields: ({ change }, state) => (change.to === 'legacy' ? {} : stageFields(state, change.to)),
  };
}

function ask(
  { path, to, url, exact, methods, hosts, name }: CarveArguments,
  table: RouteTable,
): Asked | string {
  const known = table.features[to];
  const isNew = known === undefined && to !== 'legacy';
  if (isNew && url === null)
    return `${noFeature(table, to)}. A new one needs its address: --url http://${to}:3000`;
  if (known !== undefined && url !== null && !isSameUrl(table, to, url))
    return `"${to}" has a url already, which is another one: leave out --url, or change it in the file`;
  const change: Asked['change'] = {
    kind: 'carve',
    to,
    url: isNew ? url : null,
    path: { kind: exact ? 'path' : 'prefix', value: exact ? path : path.replace(/(?<=.)\/$/, '') },
    methods,
    hosts,
    name,
  };
  return { change, isNew };
}

function isSameUrl(table: RouteTable, feature: string, url: string): boolean {
  const reading = readBackendUrl(url);
  const own = table.features[feature]?.backend.urls ?? [];
  return 'url' in reading && own.some((one) => JSON.stringify(one) === JSON.stringify(reading.url));
}

function summaryOf({ change, isNew }: Asked, before: RouteTable, isAlready: boolean): string {
  const { to, path } = change;
  const what = path.kind === 'prefix' ? `${path.value} and all below it` : path.value;
  if (isAlready)
    return `The route ${routeLike(change, before)} sends ${what} to ${to} already: the file stays as it is.`;
  if (to === 'legacy') return `${what}: to legacy.`;
  if (isNew)
    return `${what}: to ${to}, which is new, in stage legacy. Nothing has moved; the route is counted by itself.`;
  return `${what}: to ${to}, which is there already and keeps its stage, ${before.features[to]?.stage}.`;
}

/** A route that others cover wholly would only be in the way. */
function uselessness({ table }: Loaded, fresh: readonly ConfigIssue[]): string | null {
  const line = table?.routes.at(-1)?.line ?? Number.POSITIVE_INFINITY;
  const covered = fresh.some((issue) => issue.line >= line && /can never match/.test(issue.message));
  return covered ? 'the new route would never match, so nothing was written' : null;
}

/** A route of the router's that sends just these requests there, whatever its name. */
function hasRoute(state: RouterState, change: Asked['change']): boolean {
  const { to, path } = change;
  const wanted = matchOf(change);
  const isSame = (match: Record<string, unknown>): boolean =>
    match[path.kind] === path.value && CONDITIONS.every((key) => saysSo(match[key], wanted[key]));
  return state.routes.some((route) => {
    const matches = Array.isArray(route['matches']) ? (route['matches'] as Record<string, unknown>[]) : [];
    const leads = to === 'legacy' ? route.feature == null : route.feature === to;
    return leads && matches.some(isSame);
  });
}

const CONDITIONS = ['hosts', 'methods', 'headers', 'query', 'cookies'] as const;

/** A list as the router says it; one that says none may be older. */
function saysSo(said: unknown, wanted: readonly unknown[]): boolean {
  return !Array.isArray(said) || isDeepStrictEqual(said, wanted);
}
