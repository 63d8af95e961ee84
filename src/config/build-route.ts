import type {
  Action,
  HeaderEdits,
  Match,
  NamedTest,
  PathMatch,
  Rewrite,
  Route,
  RoutePolicy,
  ValueTest,
} from '../model/route-table.ts';
import { DEFAULT_MATCH, DEFAULT_POLICY, DEFAULT_REDIRECT_STATUS, DEFAULT_RESPOND } from './defaults.ts';
import type {
  ConditionsFile,
  DefaultFile,
  HeaderEditsFile,
  MatchFile,
  RouteFile,
  ValueTestFile,
} from './schema/route-schema.ts';

/** From what was written to what is complete: routes. The rules have passed before. */

/** A route with every default filled in. */
export function buildRoute(file: RouteFile, place: Pick<Route, 'index' | 'name' | 'line'>): Route {
  return {
    ...place,
    matches: buildMatches(file.match ?? {}),
    action: actionOf(file),
    policy: buildPolicy(file),
  };
}

/** The policy of a route, or of what no route takes. */
export function buildPolicy(file: RouteFile | DefaultFile): RoutePolicy {
  const route: RouteFile = file;
  return {
    repeatable: route.repeatable ?? DEFAULT_POLICY.repeatable,
    rewrite: rewriteOf(route),
    requestHeaders: editsOf(route.request_headers),
    timeouts: {
      connectMs: route.timeouts?.connect ?? DEFAULT_POLICY.timeouts.connectMs,
      responseMs: route.timeouts?.response ?? DEFAULT_POLICY.timeouts.responseMs,
      idleMs: route.timeouts?.idle ?? DEFAULT_POLICY.timeouts.idleMs,
    },
    deadlineMs: route.deadline ?? DEFAULT_POLICY.deadlineMs,
    responseHeaders: editsOf(route.response_headers),
    maxBody: route.max_body ?? DEFAULT_POLICY.maxBody,
    either: route.either ?? DEFAULT_POLICY.either,
  };
}

/** The alternatives, each with the shared conditions added. */
export function buildMatches(file: MatchFile): Match[] {
  const { any, ...shared } = file;
  if (any === undefined) return [buildMatch(shared, {})];
  return any.map((alternative) => buildMatch(shared, alternative));
}

function buildMatch(shared: ConditionsFile, own: ConditionsFile): Match {
  const lower = (name: string): string => name.toLowerCase();
  const asWritten = (name: string): string => name;
  return {
    hosts: (own.hosts ?? shared.hosts ?? DEFAULT_MATCH.hosts).map(hostName),
    path: pathOf(own) ?? pathOf(shared) ?? DEFAULT_MATCH.path,
    methods: withHead(own.methods ?? shared.methods ?? DEFAULT_MATCH.methods),
    headers: testsOf({ ...shared.headers, ...own.headers }, lower),
    query: testsOf({ ...shared.query, ...own.query }, asWritten),
    cookies: testsOf({ ...shared.cookies, ...own.cookies }, asWritten),
  };
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/** The path condition; null if there is none. */
export function pathOf(file: ConditionsFile): PathMatch | null {
  if (file.prefix !== undefined) return { kind: 'prefix', value: file.prefix.replace(/(?<=.)\/$/, '') };
  if (file.path !== undefined) return { kind: 'path', value: file.path };
  if (file.regex !== undefined) return { kind: 'regex', source: file.regex };
  return null;
}

function withHead(methods: readonly string[]): readonly string[] {
  if (methods.length === 0) return methods;
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)];
}

function testsOf(tests: Record<string, ValueTestFile>, nameOf: (name: string) => string): NamedTest[] {
  return Object.entries(tests).map(([name, test]) => ({ name: nameOf(name), test: testOf(test) }));
}

function testOf(test: ValueTestFile): ValueTest {
  if (typeof test === 'string') return { kind: 'exact', value: test };
  if (test.regex !== undefined) return { kind: 'regex', source: test.regex };
  if (test.prefix !== undefined) return { kind: 'prefix', value: test.prefix };
  return { kind: 'present' };
}

function actionOf(file: RouteFile): Action {
  if (file.redirect !== undefined) {
    return {
      kind: 'redirect',
      to: file.redirect.to,
      status: file.redirect.status ?? DEFAULT_REDIRECT_STATUS,
    };
  }
  if (file.respond !== undefined) return { kind: 'respond', ...DEFAULT_RESPOND, ...given(file.respond) };
  return { kind: 'to', feature: file.to === 'legacy' ? null : (file.to ?? null), pin: file.pin ?? false };
}

/** Without the keys whose value is undefined. */
function given<T extends object>(file: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(file).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function rewriteOf(file: RouteFile): Rewrite {
  if (file.rewrite?.replace_prefix !== undefined) {
    return { kind: 'replace_prefix', prefix: file.rewrite.replace_prefix };
  }
  return file.rewrite?.strip_prefix === true ? { kind: 'strip_prefix' } : DEFAULT_POLICY.rewrite;
}

function editsOf(file: HeaderEditsFile | undefined): HeaderEdits {
  return {
    set: Object.entries(file?.set ?? {}),
    add: Object.entries(file?.add ?? {}),
    remove: (file?.remove ?? []).map((name) => name.toLowerCase()),
  };
}
