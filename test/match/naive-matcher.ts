import { RE2JS } from 're2js';
import { allValues, firstValue } from '../../src/model/header-list.ts';
import type { Matcher, MatchResult } from '../../src/model/matched.ts';
import { formOf } from '../../src/model/path-form.ts';
import { normalPathOf } from '../../src/model/path-normal.ts';
import { literalHeadOf } from '../../src/model/path-regex-head.ts';
import type { RequestTraits } from '../../src/model/request.ts';
import type { Match, NamedTest, PathMatch, Route, RouteTable } from '../../src/model/route-table.ts';

/**
 * The reference: every alternative is tried, the best of those that hold is found by comparing, and nothing is clever.
 * Shares with the index only how a path is brought to its form; everything about routes is written again, from
 * docs/matching.md. It does not look for other readings of a path.
 */
export function naiveMatcher(table: RouteTable): Matcher {
  return {
    match: (traits) => naiveMatch(table, traits),
    consider: () => ({ considered: [], leftOut: table.routes.length }),
  };
}

function naiveMatch(table: RouteTable, traits: RequestTraits): MatchResult {
  if (traits.path === '*') {
    return { route: table.defaultRoute, alternative: 0, path: '*', normalPath: '*' };
  }
  const normalPath = normalPathOf(traits.path, table.paths.mergeSlashes);
  const form = formOf(normalPath, table.paths);
  const results = queriesOf(traits.query).map((query) => best(table, { traits, form, query }));
  const first = results[0] as Candidate;
  if (results.some(({ route }) => route !== first.route)) return { failure: 'ambiguous_query', detail: '' };
  return { route: first.route, alternative: first.alternative, path: normalPath, normalPath };
}

interface Request {
  readonly traits: RequestTraits;
  readonly form: string;
  readonly query: ReadonlyMap<string, string>;
}

interface Candidate {
  readonly route: Route;
  readonly alternative: number;
  readonly key: readonly number[];
}

function best(table: RouteTable, request: Request): Candidate {
  let winner: Candidate = { route: table.defaultRoute, alternative: 0, key: [] };
  for (const route of table.routes) {
    for (const [alternative, match] of route.matches.entries()) {
      for (const host of match.hosts.length === 0 ? [''] : match.hosts) {
        if (!hostHolds(host, request.traits.host) || !holds(table, match, request)) continue;
        const key = keyOf(table, { host, match, index: route.index, alternative });
        if (winner.route === table.defaultRoute || isBefore(key, winner.key))
          winner = { route, alternative, key };
      }
    }
  }
  return winner;
}

/** Every query with one value for each name: one per combination. */
function queriesOf(query: string | null): ReadonlyMap<string, string>[] {
  let queries: ReadonlyMap<string, string>[] = [new Map()];
  const parameters = new URLSearchParams(query ?? '');
  for (const name of new Set(parameters.keys())) {
    const values = [...new Set(parameters.getAll(name))];
    queries = queries.flatMap((known) => values.map((value) => new Map([...known, [name, value]])));
  }
  return queries;
}

function hostHolds(pattern: string, host: string): boolean {
  if (pattern === '') return true;
  if (!pattern.startsWith('*.')) return host === pattern;
  const suffix = pattern.slice(1);
  return host.endsWith(suffix) && host.length > suffix.length;
}

function holds(table: RouteTable, match: Match, request: Request): boolean {
  const { headers } = request.traits;
  const asked = firstValue(headers, 'access-control-request-method');
  const isPreflight =
    request.traits.method === 'OPTIONS' && asked !== undefined && firstValue(headers, 'origin') !== undefined;
  const method = isPreflight ? asked : request.traits.method;
  const announced = allValues(headers, 'access-control-request-headers')
    .join(',')
    .toLowerCase()
    .split(/ *, */);
  const cookies = allValues(headers, 'cookie').join('; ').split(/ *; */);
  return (
    pathHolds(match.path, request.form, table.paths.caseSensitive) &&
    (match.methods.length === 0 || match.methods.includes(method)) &&
    match.headers.every(
      (test) =>
        (isPreflight && announced.includes(test.name)) ||
        valueHolds(test, allValues(headers, test.name).join(', '), allValues(headers, test.name).length > 0),
    ) &&
    match.cookies.every((test) => {
      const pair = cookies.find((cookie) => cookie.startsWith(`${test.name}=`));
      return isPreflight || valueHolds(test, pair?.slice(test.name.length + 1) ?? '', pair !== undefined);
    }) &&
    match.query.every((test) =>
      valueHolds(test, bytesOf(request.query.get(test.name) ?? ''), request.query.has(test.name)),
    )
  );
}

function valueHolds({ test }: NamedTest, value: string, isThere: boolean): boolean {
  if (!isThere) return false;
  const text = Buffer.from(value, 'latin1').toString('utf8');
  if (test.kind === 'exact') return text === test.value;
  if (test.kind === 'prefix') return text.startsWith(test.value);
  return test.kind === 'present' || RE2JS.compile(test.source).test(text);
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function segmentsOf(path: PathMatch & { value: string }, caseSensitive: boolean): string[] {
  const value = path.kind === 'prefix' && path.value === '/' ? '' : path.value;
  const segments = value === '' ? [] : value.slice(1).split('/');
  return segments.map((segment) =>
    segment.startsWith(':') ? ':' : formOf(bytesOf(segment), { caseSensitive }),
  );
}

function pathHolds(path: PathMatch, form: string, caseSensitive: boolean): boolean {
  if (path.kind === 'regex') {
    return RE2JS.compile(path.source, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE).test(form);
  }
  const wanted = segmentsOf(path, caseSensitive);
  const given = form.slice(1).split('/');
  if (path.kind === 'path' ? wanted.length !== given.length : wanted.length > given.length) return false;
  return wanted.every((segment, i) => (segment === ':' ? given[i] !== '' : segment === given[i]));
}

/** The order of docs/matching.md as numbers, each the higher the better, compared from the left. */
function keyOf(
  table: RouteTable,
  { host, match, index, alternative }: { host: string; match: Match; index: number; alternative: number },
): readonly number[] {
  return [
    host === '' ? 0 : host.startsWith('*.') ? host.split('.').length : 1_000,
    ...pathKey(match.path, table.paths.caseSensitive),
    match.methods.length > 0 ? 1 : 0,
    match.headers.length + match.cookies.length,
    match.query.length,
    -index,
    -alternative,
  ];
}

/** Exact; sixteen segments from the left (literal 2, parameter 1); the whole path; characters; not a regex. */
function pathKey(path: PathMatch, caseSensitive: boolean): number[] {
  const slots = (segments: readonly string[]) =>
    Array.from({ length: 16 }, (_, i) => (segments[i] === undefined ? 0 : segments[i] === ':' ? 1 : 2));
  if (path.kind === 'regex') {
    const { head, ends } = literalHeadOf(path.source);
    const parts = head === '' || head === '/' ? [] : head.slice(1).split('/');
    return [0, ...slots(ends ? parts : parts.slice(0, -1)), 0, head.length, 0];
  }
  const segments = segmentsOf(path, caseSensitive);
  const isWhole = path.kind === 'path' ? 1 : 0;
  const literal = segments.filter((segment) => segment !== ':');
  const characters = segments.length + literal.join('').length;
  return [
    isWhole === 1 && literal.length === segments.length ? 1 : 0,
    ...slots(segments),
    isWhole,
    characters,
    1,
  ];
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, number] of a.entries()) if (number !== b[i]) return number > (b[i] as number);
  return false;
}
