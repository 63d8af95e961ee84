import { FALLBACK_WORDS } from '../model/fallback.ts';
import type {
  BackendTimeouts,
  BackendTls,
  BreakerLimits,
  Fallback,
  Match,
  PathRules,
  RoutePolicy,
} from '../model/route-table.ts';
import type { Shadow } from '../model/shadow-block.ts';

/**
 * What a key means that is left out. The only place where defaults are: the schema has none, and the table that the
 * rest of Banyan reads is complete. `docs/routes.md` lists them.
 */

/** Of every backend. */
export const DEFAULT_TIMEOUTS: BackendTimeouts = { connectMs: 2_000, responseMs: 60_000, idleMs: 60_000 };

/** Certificates are verified, against the system's authorities. */
export const DEFAULT_TLS: BackendTls = {
  caFile: null,
  certFile: null,
  keyFile: null,
  serverName: null,
  insecure: false,
};

/** Of every backend. */
export const DEFAULT_BACKEND = {
  host: 'keep',
  balance: 'least_requests',
  maxInFlight: 0,
  queueMs: 0,
  holdWhileDownMs: 3_000,
  http2: false,
} as const;

/** Of a `health` block. */
export const DEFAULT_HEALTH = {
  path: '/healthz',
  intervalMs: 5_000,
  timeoutMs: 2_000,
  healthyAfter: 2,
  unhealthyAfter: 3,
  expect: [[200, 399]],
} as const;

/** Of a `breaker` block, and of every feature that says nothing of it; legacy has none unless it is given. */
export const DEFAULT_BREAKER: BreakerLimits = { failures: 5, cooldownMs: 10_000 };

/** Of an `auto_rollback` block. Of its limits none is implied. */
export const DEFAULT_AUTO_ROLLBACK = { windowMs: 60_000, minRequests: 200, holdMs: null } as const;

/** Of a `fallback` block, and of `fallback: true`. */
export const DEFAULT_FALLBACK: Fallback = { when: FALLBACK_WORDS, maxBody: 64 * 1024, maxInFlight: 0 };

/** Of a `shadow` block, and of `stage: shadow` without one. Shares are 0 … 1. */
export const DEFAULT_SHADOW: Shadow = {
  share: 1,
  stages: ['shadow'],
  writes: [],
  timeoutMs: 10_000,
  maxBody: 256 * 1024,
  maxInFlight: 32,
  compare: {
    status: true,
    headers: ['content-type', 'location'],
    body: 'auto',
    ignore: [],
    unordered: [],
    tolerance: [],
    nullIsMissing: false,
    redact: [],
  },
  noise: 0,
  ready: { match: 0.995, min: 2000 },
};

/** A feature without `stage`: it is there to be used. `validate` says so. */
export const DEFAULT_STAGE = 'live';

/** What a canary tells clients apart by: the router's own cookie. */
export const DEFAULT_CANARY_BY = 'cookie';

/** A route without `match` takes every path. */
export const DEFAULT_MATCH: Match = {
  hosts: [],
  path: { kind: 'prefix', value: '/' },
  methods: [],
  headers: [],
  query: [],
  cookies: [],
};

/** Of a route, and of `default`. */
export const DEFAULT_POLICY: RoutePolicy = {
  repeatable: ['GET', 'HEAD', 'OPTIONS'],
  rewrite: { kind: 'none' },
  requestHeaders: { set: [], add: [], remove: [] },
  timeouts: { connectMs: null, responseMs: null, idleMs: null },
  deadlineMs: null,
  responseHeaders: { set: [], add: [], remove: [] },
  maxBody: null,
  either: false,
};

/** Permanent, and the method stays (RFC 9110 section 15.4.9). */
export const DEFAULT_REDIRECT_STATUS = 308;
/** Gone: what a route that answers by itself is mostly for. */
export const DEFAULT_RESPOND = { status: 410, body: '', type: 'text/plain; charset=utf-8' } as const;

/** How paths are read unless `paths` says otherwise. */
export const DEFAULT_PATHS: PathRules = { mergeSlashes: true, caseSensitive: true, ambiguous: 'refuse' };
