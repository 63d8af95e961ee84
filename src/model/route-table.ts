/**
 * The route table: all routes in the order of the file, with their features and backends, complete (every default
 * filled in) and plain data, so that it can cross from the thread that parses the file. It is frozen once built and
 * replaced whole; an exchange reads it once.
 */

import type { FallbackWord } from './fallback.ts';
import type { Shadow } from './shadow-block.ts';

/** How far a feature has come. */
export const STAGES = ['legacy', 'shadow', 'canary', 'live', 'done'] as const;
export type Stage = (typeof STAGES)[number];

/** Which half answers a feature's route. */
export type Side = 'legacy' | 'feature';

/** One url of a backend. */
export interface BackendUrl {
  readonly secure: boolean;
  /** A name or an IP literal (IPv6 without brackets), lower case. */
  readonly host: string;
  readonly port: number;
  /** A path put before every path sent, without its trailing slash: '' for none. */
  readonly basePath: string;
}

/** Milliseconds throughout; 0 is no limit. */
export interface BackendTimeouts {
  /** From the first packet to the connection, the TLS handshake included. */
  readonly connectMs: number;
  /** From the last byte of the request to the answer's head. */
  readonly responseMs: number;
  /** Between bytes while we are willing to read, and while the backend takes no bytes of an upload. */
  readonly idleMs: number;
}

/** TLS to a backend; files as named in routes.yaml. Certificates are verified unless `insecure`. */
export interface BackendTls {
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly serverName: string | null;
  readonly insecure: boolean;
}

/** How each endpoint of a backend is asked whether it is well (docs/health.md). */
export interface HealthCheck {
  /** Path and query, put after the url's base path. */
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Good answers in a row that make an unhealthy endpoint healthy. */
  readonly healthyAfter: number;
  /** Bad ones in a row that make a healthy endpoint unhealthy. */
  readonly unhealthyAfter: number;
  /** The statuses of a good answer, as ranges with both ends. */
  readonly expect: readonly (readonly [from: number, to: number])[];
}

/** When an endpoint is left alone (docs/health.md). */
export interface BreakerLimits {
  /** In a row. */
  readonly failures: number;
  readonly cooldownMs: number;
}

/** How one of several endpoints is chosen. */
export type Balance =
  | { readonly kind: 'least_requests' }
  | { readonly kind: 'cookie'; readonly name: string }
  | { readonly kind: 'ip' };

/** A named service on the network: `legacy`, or a feature's. */
export interface Backend {
  /** `legacy`, or the feature's name: the metric label. */
  readonly name: string;
  readonly urls: readonly BackendUrl[];
  /** The Host sent: the client's, the url's own authority, or a fixed name. */
  readonly host:
    | { readonly kind: 'keep' }
    | { readonly kind: 'backend' }
    | { readonly kind: 'name'; readonly name: string };
  readonly balance: Balance;
  readonly timeouts: BackendTimeouts;
  /** 0: no limit. */
  readonly maxInFlight: number;
  /** How long a request above maxInFlight waits for its turn. */
  readonly queueMs: number;
  /** How long a request waits while no endpoint accepts. */
  readonly holdWhileDownMs: number;
  /** Active checks of each endpoint; null: none. */
  readonly health: HealthCheck | null;
  /** Of each endpoint; null: none. */
  readonly breaker: BreakerLimits | null;
  readonly tls: BackendTls;
  /** HTTP/2 is spoken to it: h2 over TLS, else h2c with prior knowledge. */
  readonly http2: boolean;
}

/** What tells the clients of a canary apart. */
export type ClientKey =
  /** The place in the router's own cookie. */
  | { readonly kind: 'place' }
  | { readonly kind: 'cookie'; readonly name: string }
  /** `name` is in lower case. */
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'ip' };

/** Which clients get a feature in stage canary (docs/canary.md). */
export interface Canary {
  /** In hundredths of a percent, 0 … 10 000: the buckets below it are the feature's. */
  readonly shareHundredths: number;
  /** The first of them that a request has. Never empty. */
  readonly by: readonly ClientKey[];
}

/** Who gets a feature in the stages shadow and canary: one of these values is enough. */
export interface Testers {
  readonly cookies: readonly (readonly [name: string, value: string])[];
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** When a feature goes back to legacy by itself (docs/auto-rollback.md). At least one limit is given. */
export interface AutoRollback {
  readonly windowMs: number;
  /** Of the feature in the window, before anything is said of it; of legacy, before the two are compared. */
  readonly minRequests: number;
  /** Shares, 0 … 1; null: no such limit. */
  readonly errors: { readonly max: number | null; readonly aboveLegacy: number | null };
  /** Request sent → answer's head. */
  readonly p95: { readonly maxMs: number | null; readonly timesLegacy: number | null };
  /** How long the first rollback holds, each later one twice as long; null: until the feature's block is edited. */
  readonly holdMs: number | null;
}

/** When legacy answers because the feature could not (docs/fallback.md). */
export interface Fallback {
  /** Never empty. */
  readonly when: readonly FallbackWord[];
  /** Bytes of a request's body that are kept for legacy. */
  readonly maxBody: number;
  /** At a time; 0: no limit. */
  readonly maxInFlight: number;
}

/** A backend split out of the monolith, and the unit of migration. */
export interface Feature {
  readonly name: string;
  readonly stage: Stage;
  readonly backend: Backend;
  /** Given in every feature in stage canary; inactive in any other. */
  readonly canary: Canary | null;
  readonly testers: Testers | null;
  /** It acts in the stages canary and live. */
  readonly fallback: Fallback | null;
  readonly autoRollback: AutoRollback | null;
  /** Given in every feature in stage shadow; it acts in the stages that it names. */
  readonly shadow: Shadow | null;
  /** Changes with what is written of this feature, and with nothing else: an edit ends a rollback. */
  readonly definition: string;
}

/** A condition on one value: of a header, a query parameter, or a cookie. Values are compared as exact strings. */
export type ValueTest =
  | { readonly kind: 'exact'; readonly value: string }
  | { readonly kind: 'prefix'; readonly value: string }
  /** RE2 syntax, unanchored unless written. */
  | { readonly kind: 'regex'; readonly source: string }
  | { readonly kind: 'present' };

/** A named condition; header names are in lower case, query and cookie names as written. */
export interface NamedTest {
  readonly name: string;
  readonly test: ValueTest;
}

/** The condition on the path. Absent in the file: prefix `/`. */
export type PathMatch =
  /** Whole segments; `:id` segments are parameters. No trailing slash, but '/' itself. */
  | { readonly kind: 'prefix'; readonly value: string }
  /** Exact, with `:id` segments as parameters; a trailing slash counts. */
  | { readonly kind: 'path'; readonly value: string }
  /** RE2 syntax over the whole path, unanchored unless written. */
  | { readonly kind: 'regex'; readonly source: string };

/** Conditions that must all hold. */
export interface Match {
  /** Lower case; `*.x` is one or more labels before `.x`. Empty: any host. */
  readonly hosts: readonly string[];
  readonly path: PathMatch;
  /** Upper case as written by the user, GET with HEAD already added. Empty: any method. */
  readonly methods: readonly string[];
  readonly headers: readonly NamedTest[];
  readonly query: readonly NamedTest[];
  readonly cookies: readonly NamedTest[];
}

/** Changes to a list of headers: remove first, then set (replacing all of that name), then add. Names as written. */
export interface HeaderEdits {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  /** Lower case. */
  readonly remove: readonly string[];
}

/** Where a route goes. */
export type Action =
  /** A feature by name, or null: legacy. */
  | { readonly kind: 'to'; readonly feature: string | null; readonly pin: boolean }
  /** `to` may hold `{path}`: N without its first slash. */
  | { readonly kind: 'redirect'; readonly to: string; readonly status: number }
  | { readonly kind: 'respond'; readonly status: number; readonly body: string; readonly type: string };

/** How the path changes on its way to the feature. It acts on N. */
export type Rewrite =
  | { readonly kind: 'none' }
  | { readonly kind: 'strip_prefix' }
  | { readonly kind: 'replace_prefix'; readonly prefix: string };

/** How a route treats what it takes. Rewrite, request headers and timeouts act on the feature side only. */
export interface RoutePolicy {
  /** Methods of which "run twice, on either side, it does no harm" holds. Upper case. */
  readonly repeatable: readonly string[];
  readonly rewrite: Rewrite;
  readonly requestHeaders: HeaderEdits;
  /** null: the backend's own. */
  readonly timeouts: {
    readonly connectMs: number | null;
    readonly responseMs: number | null;
    readonly idleMs: number | null;
  };
  /** Over all attempts, both sides; 0: none; null: none, but with a fallback the default (docs/fallback.md). */
  readonly deadlineMs: number | null;
  readonly responseHeaders: HeaderEdits;
  /** Bytes of a request's body; null: unlimited. */
  readonly maxBody: number | null;
  /** A 404 of one side is asked on the other. */
  readonly either: boolean;
}

/** A name, a match, and where it goes. */
export interface Route {
  /** Position in the file from 0, -1 for the default. */
  readonly index: number;
  /** Metric label, unique. `(default)` for what no route takes. */
  readonly name: string;
  /** 1-based line in routes.yaml; 0 for a default that is not written. */
  readonly line: number;
  /** Alternatives of which one must hold, each ranking alone. Never empty. */
  readonly matches: readonly Match[];
  readonly action: Action;
  readonly policy: RoutePolicy;
}

/** What `legacy_only` names, the key and the LEGACY_ONLY file together. */
export interface LegacyOnly {
  readonly everything: boolean;
  readonly features: readonly string[];
  readonly routes: readonly string[];
}

/** How paths are read. */
export interface PathRules {
  readonly mergeSlashes: boolean;
  readonly caseSensitive: boolean;
  /** What to do with a path that another reading would route elsewhere. */
  readonly ambiguous: 'refuse' | 'forward';
}

/** Everything that routes.yaml and LEGACY_ONLY say, complete. */
export interface RouteTable {
  /** Changes with the content: the first 12 hex digits of its SHA-256. */
  readonly revision: string;
  readonly legacy: Backend;
  /** By name. */
  readonly features: Readonly<Record<string, Feature>>;
  /** In the order of the file. */
  readonly routes: readonly Route[];
  /** Takes what no route takes. Goes to legacy, name `(default)`. */
  readonly defaultRoute: Route;
  readonly legacyOnly: LegacyOnly;
  /** CIDR blocks whose X-Forwarded-* and request id are believed. */
  readonly trustProxies: readonly string[];
  readonly paths: PathRules;
  readonly debugHeaders: boolean;
}

/** Label of what no route takes. */
export const DEFAULT_ROUTE = '(default)';
