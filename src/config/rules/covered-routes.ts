import { type PathPattern, patternOf } from '../../model/path-pattern.ts';
import { comparePatterns } from '../../model/precedence.ts';
import type { NamedTest, Route } from '../../model/route-table.ts';
import {
  type Alternative,
  alternativesOf,
  mention,
  pathOfRoute,
  type TableContext,
  type TableRule,
} from './table-rule.ts';

/**
 * Warns of routes that can never match, and says what covers them.
 *
 * Precedence asks more specific hosts and paths first, so a route can only be covered by one with the same host and
 * path, or, a regex, by `prefix: /`, which ranks before one whose literal head is no longer. That makes it a matter of
 * looking up keys: an alternative is taken apart into one key for each host and method, and is covered when each of
 * them was taken before. Cost grows with the file, not with its square.
 */
export const coveredRoutes: TableRule = (context) => {
  const alternatives = alternativesOf(context);
  const index = new CoverIndex(alternatives, context);
  const coveredBy = new Map<Route, (readonly Route[] | null)[]>();
  for (const alternative of alternatives) {
    const found = coveredBy.get(alternative.route) ?? [];
    coveredBy.set(alternative.route, found);
    found.push(index.coverOf(alternative));
    index.take(alternative);
  }
  for (const [route, found] of coveredBy) report(context, route, found);
};

function report({ issues }: TableContext, route: Route, found: readonly (readonly Route[] | null)[]): void {
  if (found.every((cover) => cover !== null)) {
    issues.warning(
      pathOfRoute(route),
      `route "${route.name}" can never match: ${sayCover(route, found.flat())}`,
    );
    return;
  }
  for (const [i, cover] of found.entries()) {
    if (cover === null) continue;
    issues.warning(
      [...pathOfRoute(route), 'match', 'any', i],
      `this alternative can never match: ${sayCover(route, cover)}`,
    );
  }
}

function sayCover(route: Route, cover: readonly (Route | null)[]): string {
  const others = [...new Set(cover)].filter((other) => other !== null);
  const names = others
    .slice(0, 3)
    .map((other) => (other === route ? 'its own other alternative' : mention(other)));
  const isRegex = route.matches.some((match) => match.path.kind === 'regex');
  const isRoot = others.some((other) => other.matches.some((match) => match.path.kind === 'prefix'));
  const why = isRegex && isRoot ? ', since a prefix is asked before a regex with no longer literal head' : '';
  return `${names.join(' and ')}${others.length > 3 ? ' and more' : ''} ${others.length === 1 ? 'takes' : 'take'} all of it${why}`;
}

/** How many earlier conditions of another form (`present`, `prefix`) an alternative is compared with. */
const MAX_BROAD = 50;

class CoverIndex {
  readonly #taken = new Map<string, Route>();
  readonly #broad = new Map<string, Alternative[]>();
  readonly #catchAll = new Map<string, Route>();
  readonly #root: PathPattern;

  constructor(alternatives: readonly Alternative[], { caseSensitive }: TableContext) {
    this.#root = patternOf({ kind: 'prefix', value: '/' }, { caseSensitive });
    for (const alternative of alternatives) {
      if (!isRoot(alternative)) continue;
      for (const key of atomsOf(alternative))
        if (!this.#catchAll.has(key)) this.#catchAll.set(key, alternative.route);
    }
  }

  /** The routes that together take all of it; null if something is left. */
  coverOf(alternative: Alternative): readonly Route[] | null {
    const path = pathKey(alternative.pattern);
    const tests = testsKey(alternative);
    const isBelowRoot =
      alternative.pattern.kind === 'regex' && comparePatterns(this.#root, alternative.pattern) < 0;
    const cover = new Set<Route>();
    for (const atom of atomsOf(alternative)) {
      const place = `${atom}\n${path}`;
      const by =
        this.#taken.get(`${place}\n${tests}`) ??
        this.#broad.get(place)?.find((other) => testsCover(other, alternative))?.route ??
        (isBelowRoot ? this.#underRoot(atom) : undefined);
      if (by === undefined) return null;
      cover.add(by);
    }
    return [...cover];
  }

  #underRoot(atom: string): Route | undefined {
    const [host] = atom.split('\n');
    return this.#catchAll.get(`${host}\n*`) ?? this.#catchAll.get(atom);
  }

  take(alternative: Alternative): void {
    const path = pathKey(alternative.pattern);
    const tests = testsKey(alternative);
    const isBroad = allTests(alternative).some(
      ({ test }) => test.kind === 'present' || test.kind === 'prefix',
    );
    for (const atom of atomsOf(alternative)) {
      const place = `${atom}\n${path}`;
      const key = `${place}\n${tests}`;
      if (!this.#taken.has(key)) this.#taken.set(key, alternative.route);
      const broad = this.#broad.get(place) ?? [];
      if (isBroad && broad.length < MAX_BROAD) this.#broad.set(place, [...broad, alternative]);
    }
  }
}

/** One key for each host and method; `*` is any method, which ranks below a method and covers only its like. */
function atomsOf({ hosts, match }: Alternative): string[] {
  const methods = match.methods.length === 0 ? ['*'] : match.methods;
  return hosts.flatMap((host) => methods.map((method) => `${host}\n${method}`));
}

function isRoot(alternative: Alternative): boolean {
  const { kind, segments } = alternative.pattern;
  return kind === 'prefix' && segments.length === 0 && allTests(alternative).length === 0;
}

/** The same for paths that take the same: parameters' names don't matter. */
function pathKey({ kind, segments, source }: PathPattern): string {
  return kind === 'regex' ? `regex ${source}` : `${kind} ${JSON.stringify(segments)}`;
}

function allTests({ match }: Alternative): readonly NamedTest[] {
  return [...match.headers, ...match.query, ...match.cookies];
}

function testsKey({ match }: Alternative): string {
  const sorted = (tests: readonly NamedTest[]): string[] => tests.map((test) => JSON.stringify(test)).sort();
  return JSON.stringify([sorted(match.headers), sorted(match.query), sorted(match.cookies)]);
}

/** With as many conditions, each of which lets pass what the other's does. */
function testsCover(wide: Alternative, narrow: Alternative): boolean {
  return (['headers', 'query', 'cookies'] as const).every((key) => {
    const narrowTests = narrow.match[key];
    if (wide.match[key].length !== narrowTests.length) return false;
    return wide.match[key].every((test) => narrowTests.some((other) => testCovers(test, other)));
  });
}

function testCovers(wide: NamedTest, narrow: NamedTest): boolean {
  if (wide.name !== narrow.name) return false;
  if (wide.test.kind === 'present') return true;
  if (wide.test.kind === 'prefix' && (narrow.test.kind === 'exact' || narrow.test.kind === 'prefix')) {
    return narrow.test.value.startsWith(wide.test.value);
  }
  return JSON.stringify(wide.test) === JSON.stringify(narrow.test);
}
