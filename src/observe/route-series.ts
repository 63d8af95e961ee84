import { EITHER_RESULTS, SKIP_REASONS } from '../model/fallback.ts';
import { DEFAULT_ROUTE, type Feature, type Route } from '../model/route-table.ts';
import type { Histogram } from './histogram.ts';
import { attemptKey, decisionKey, eitherKey, fallbackKey, skipKey } from './metric-labels.ts';
import { type Tally, zeroTally } from './tally.ts';

/**
 * What is counted per route: plain numbers that an exchange finds once, through its route, so that counting it costs
 * a few additions and no string is built or hashed. Text is made of it only at a scrape.
 */

/** Counts of one route with one backend. Sizes in bytes. */
export interface BackendSeries {
  /** A backend's name, or `none`. */
  readonly backend: string;
  /** By {@link requestKey}. */
  requests: Tally;
  /** By `attemptKey`. */
  attempts: Tally;
  /** Whole exchanges; null until the first one. */
  duration: Histogram | null;
  /** Attempts: sent → answer's head; null until the first one. */
  headTime: Histogram | null;
  inFlight: number;
  upgrades: number;
  bytesIn: number;
  bytesOut: number;
  /** Monotonic ms since when no table names this route with this backend; null while one does. */
  removedAtMs: number | null;
}

/** Counts of one route. */
export interface RouteSeries {
  readonly route: string;
  /** The feature that the route goes to; '' for none. */
  feature: string;
  /** In the table in force. */
  isCurrent: boolean;
  readonly backends: BackendSeries[];
  /** By `decisionKey`. */
  decisions: Tally;
  clientDisconnects: number;
  /** By `fallbackKey`. */
  fallbacks: Tally;
  /** By `skipKey`. */
  fallbacksSkipped: Tally;
  /** By `eitherKey`. */
  either: Tally;
  /** Wall clock in ms of legacy's last answer for it; null if there was none since the start. */
  legacyLastMs: number | null;
}

/** Key of a request in the tally: one number for its method and its exact code. */
export function requestKey(method: number, code: number): number {
  return method * 1000 + code;
}

/** Method (index) and code of a key. */
export function requestOf(key: number): { readonly method: number; readonly code: number } {
  return { method: Math.trunc(key / 1000), code: key % 1000 };
}

/** The backend of redirect and respond. */
export const NO_BACKEND = 'none';

/** A route's series without any backend, with these decisions at 0. */
export function newRouteSeries(route: string, decisions: Tally): RouteSeries {
  return {
    route,
    feature: '',
    isCurrent: false,
    backends: [],
    decisions,
    clientDisconnects: 0,
    fallbacks: NOTHING,
    fallbacksSkipped: NOTHING,
    either: NOTHING,
    legacyLastMs: null,
  };
}

const DECLARED_REQUESTS = zeroTally([requestKey(0, 200)]);
const DECLARED_ATTEMPTS = zeroTally([attemptKey('serve', 200)]);
const NOTHING = zeroTally([]);

/** A backend's series; GET with 200 stands at 0, so that the first request is seen as an increase. */
export function newBackendSeries(backend: string): BackendSeries {
  return {
    backend,
    requests: DECLARED_REQUESTS,
    attempts: backend === NO_BACKEND ? NOTHING : DECLARED_ATTEMPTS,
    duration: null,
    headTime: null,
    inFlight: 0,
    upgrades: 0,
    bytesIn: 0,
    bytesOut: 0,
    removedAtMs: null,
  };
}

const BY_STAGE = [decisionKey('legacy', 'stage'), decisionKey('feature', 'stage')];
const BY_CANARY = [
  decisionKey('legacy', 'bucket'),
  decisionKey('feature', 'bucket'),
  decisionKey('legacy', 'no_key'),
];
const BY_TESTERS = [decisionKey('feature', 'tester')];

const DECLARED_DECISIONS = {
  default: zeroTally([decisionKey('legacy', 'default')]),
  pinned: zeroTally([decisionKey('legacy', 'pinned')]),
  feature: zeroTally(BY_STAGE),
  canary: zeroTally([...BY_STAGE, ...BY_CANARY]),
  testers: zeroTally([...BY_STAGE, ...BY_TESTERS]),
  canaryAndTesters: zeroTally([...BY_STAGE, ...BY_CANARY, ...BY_TESTERS]),
  local: zeroTally([]),
};

/** The decisions that stand at 0 for a route from the start, by what its feature has written in the file. */
export function declaredDecisions({ name, action }: Route, feature: Feature | null): Tally {
  if (action.kind !== 'to') return DECLARED_DECISIONS.local;
  if (action.feature === null)
    return name === DEFAULT_ROUTE ? DECLARED_DECISIONS.default : DECLARED_DECISIONS.pinned;
  const hasTesters = feature !== null && feature.testers !== null;
  if (feature !== null && feature.canary !== null)
    return hasTesters ? DECLARED_DECISIONS.canaryAndTesters : DECLARED_DECISIONS.canary;
  return hasTesters ? DECLARED_DECISIONS.testers : DECLARED_DECISIONS.feature;
}

const SKIPPED = zeroTally(SKIP_REASONS.map(skipKey));
const EITHER = zeroTally(EITHER_RESULTS.map(eitherKey));

/** What stands at 0 for a route from the start, where its feature has a fallback, and where it has `either`. */
export function declaredOtherSide(
  { policy }: Route,
  feature: Feature | null,
): Pick<RouteSeries, 'fallbacks' | 'fallbacksSkipped' | 'either'> {
  const fallback = feature?.fallback ?? null;
  return {
    fallbacks: fallback === null ? NOTHING : zeroTally([...new Set(fallback.when)].map(fallbackKey)),
    fallbacksSkipped: fallback === null ? NOTHING : SKIPPED,
    either: feature !== null && policy.either ? EITHER : NOTHING,
  };
}
