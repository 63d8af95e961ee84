import type {
  Action,
  Backend,
  Feature,
  LegacyOnly,
  Match,
  NamedTest,
  PathMatch,
  PathRules,
  Route,
  RoutePolicy,
  RouteTable,
  Stage,
  ValueTest,
} from '../../src/model/route-table.ts';

/**
 * Route tables for tests, without a file: `tableOf([{ prefix: '/api/orders', to: 'orders' }])`. Features come to be
 * by being named. The short forms are those of routes.yaml; values that are not strings are taken as they are.
 */
export interface RouteSketch {
  name?: string;
  /** Conditions; or put them straight beside `to`. */
  any?: readonly MatchSketch[];
  to?: string;
  pin?: boolean;
  redirect?: { to: string; status?: number };
  respond?: { status: number; body?: string; type?: string };
  policy?: Partial<RoutePolicy>;
}

export interface MatchSketch {
  hosts?: readonly string[];
  prefix?: string;
  path?: string;
  regex?: string;
  methods?: readonly string[];
  headers?: Readonly<Record<string, ValueSketch>>;
  query?: Readonly<Record<string, ValueSketch>>;
  cookies?: Readonly<Record<string, ValueSketch>>;
}

export type ValueSketch = string | { regex: string } | { prefix: string } | { present: true };

export interface TableSketch {
  revision?: string;
  legacy?: Partial<Backend>;
  /** Stage of a feature; `live` for those not named. */
  stages?: Readonly<Record<string, Stage>>;
  backends?: Readonly<Record<string, Partial<Backend>>>;
  /** What else a feature has: canary, testers. */
  features?: Readonly<Record<string, Partial<Feature>>>;
  legacyOnly?: Partial<LegacyOnly>;
  paths?: Partial<PathRules>;
  trustProxies?: readonly string[];
  defaultPolicy?: Partial<RoutePolicy>;
}

/** A complete table of these routes; everything not said is as the defaults of routes.yaml have it. */
export function tableOf(
  routes: readonly (RouteSketch & MatchSketch)[],
  sketch: TableSketch = {},
): RouteTable {
  const names = new Set(routes.flatMap(({ to }) => (to === undefined || to === 'legacy' ? [] : [to])));
  for (const name of Object.keys(sketch.stages ?? {})) names.add(name);
  const features: Record<string, Feature> = {};
  for (const name of names) features[name] = featureOf(name, sketch);
  return {
    revision: sketch.revision ?? '000000000000',
    legacy: backendOf('legacy', sketch.legacy),
    features,
    routes: routes.map(routeOf),
    defaultRoute: {
      index: -1,
      name: '(default)',
      line: 0,
      matches: [matchOf({})],
      action: { kind: 'to', feature: null, pin: false },
      policy: policyOf(sketch.defaultPolicy),
    },
    legacyOnly: { everything: false, features: [], routes: [], ...sketch.legacyOnly },
    trustProxies: sketch.trustProxies ?? [],
    paths: { mergeSlashes: true, caseSensitive: true, ambiguous: 'refuse', ...sketch.paths },
    debugHeaders: false,
  };
}

/** A backend at `name:8080`, with what is given. */
export function backendOf(name: string, given: Partial<Backend> = {}): Backend {
  return {
    name,
    urls: [{ secure: false, host: name, port: 8080, basePath: '' }],
    host: { kind: 'keep' },
    balance: { kind: 'least_requests' },
    timeouts: { connectMs: 2_000, responseMs: 60_000, idleMs: 60_000 },
    maxInFlight: 0,
    queueMs: 0,
    holdWhileDownMs: 3_000,
    health: null,
    breaker: null,
    tls: { caFile: null, certFile: null, keyFile: null, serverName: null, insecure: false },
    http2: false,
    ...given,
  };
}

/** Complete conditions of a sketch. GET takes HEAD along, as in the file. */
export function matchOf(sketch: MatchSketch): Match {
  const methods = sketch.methods ?? [];
  return {
    hosts: sketch.hosts ?? [],
    path: pathOf(sketch),
    methods: methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods,
    headers: testsOf(sketch.headers).map(({ name, test }) => ({ name: name.toLowerCase(), test })),
    query: testsOf(sketch.query),
    cookies: testsOf(sketch.cookies),
  };
}

/** A policy that changes nothing, with what is given. */
export function policyOf(given: Partial<RoutePolicy> = {}): RoutePolicy {
  const edits = { set: [], add: [], remove: [] };
  return {
    repeatable: ['GET', 'HEAD', 'OPTIONS'],
    rewrite: { kind: 'none' },
    requestHeaders: edits,
    timeouts: { connectMs: null, responseMs: null, idleMs: null },
    deadlineMs: null,
    responseHeaders: edits,
    maxBody: null,
    either: false,
    ...given,
  };
}

function featureOf(name: string, sketch: TableSketch): Feature {
  return {
    name,
    stage: sketch.stages?.[name] ?? 'live',
    backend: backendOf(name, sketch.backends?.[name]),
    canary: null,
    fallback: null,
    autoRollback: null,
    shadow: null,
    definition: name,
    testers: null,
    ...sketch.features?.[name],
  };
}

function routeOf(sketch: RouteSketch & MatchSketch, index: number): Route {
  return {
    index,
    name: sketch.name ?? `route-${index}`,
    line: index + 1,
    matches: (sketch.any ?? [sketch]).map(matchOf),
    action: actionOf(sketch),
    policy: policyOf(sketch.policy),
  };
}

function actionOf({ to, pin = false, redirect, respond }: RouteSketch): Action {
  if (redirect) return { kind: 'redirect', status: 308, ...redirect };
  if (respond) return { kind: 'respond', body: '', type: 'text/plain; charset=utf-8', ...respond };
  return { kind: 'to', feature: to === undefined || to === 'legacy' ? null : to, pin };
}

function pathOf({ prefix, path, regex }: MatchSketch): PathMatch {
  if (path !== undefined) return { kind: 'path', value: path };
  if (regex !== undefined) return { kind: 'regex', source: regex };
  return { kind: 'prefix', value: prefix === undefined ? '/' : prefix.replace(/(?<=.)\/+$/, '') };
}

function testsOf(sketches: Readonly<Record<string, ValueSketch>> = {}): NamedTest[] {
  return Object.entries(sketches).map(([name, sketch]) => ({ name, test: testOf(sketch) }));
}

function testOf(sketch: ValueSketch): ValueTest {
  if (typeof sketch === 'string') return { kind: 'exact', value: sketch };
  if ('regex' in sketch) return { kind: 'regex', source: sketch.regex };
  if ('prefix' in sketch) return { kind: 'prefix', value: sketch.prefix };
  return { kind: 'present' };
}
