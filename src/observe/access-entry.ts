import type { Rejection } from '../model/exchange.ts';
import { statusOf } from '../model/failure.ts';
import { firstValue } from '../model/header-list.ts';
import { loggableTarget, loggableText } from '../model/mask-secrets.ts';
import type { Outcome } from '../model/outcome.ts';
import { protocolOf } from '../model/request.ts';

/** Characters of a method that a line shows. */
export const LONGEST_METHOD = 32;
/** Characters of a user agent that a line shows. */
export const LONGEST_USER_AGENT = 512;

/** A line of the access log, its keys in the order in which they are written. Durations in ms, sizes in bytes. */
export interface AccessEntry {
  /** Wall clock at the request's begin, ISO 8601 in UTC. */
  readonly time: string;
  readonly request_id: string;
  readonly client: string | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly status: number;
  readonly route: string | null;
  readonly feature: string | null;
  readonly stage: string | null;
  readonly side: string | null;
  readonly reason: string | null;
  readonly endpoint: string | null;
  readonly attempts: number;
  readonly failure: string | null;
  /** Legacy was asked in the feature's place: what for. */
  readonly fallback: string | null;
  readonly duration_ms: number;
  readonly backend_ms: number | null;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly user_agent: string | null;
  /** `HTTP/1.0`, `HTTP/1.1`, `HTTP/2.0`; null where no head could be read. */
  readonly protocol: string | null;
}

/** The entry of an exchange. */
export function entryOf(outcome: Outcome): AccessEntry {
  const { decision, head } = outcome;
  const isForward = decision.kind === 'forward';
  return {
    time: new Date(outcome.time).toISOString(),
    request_id: outcome.requestId,
    client: outcome.client,
    method: loggableText(head.method, LONGEST_METHOD),
    path: loggableTarget(head.target),
    status: outcome.status,
    route: decision.route.name,
    feature: decision.feature?.name ?? null,
    stage: decision.feature?.stage ?? null,
    side: isForward ? decision.side : null,
    reason: isForward ? decision.reason : null,
    endpoint: outcome.endpoint,
    attempts: outcome.attempts,
    failure: outcome.failure,
    fallback: outcome.fallback ?? null,
    duration_ms: microseconds(outcome.durationMs),
    backend_ms: outcome.backendMs === null ? null : microseconds(outcome.backendMs),
    bytes_in: outcome.bytesIn,
    bytes_out: outcome.bytesOut,
    user_agent: userAgent(firstValue(head.headers, 'user-agent')),
    protocol: protocolOf(head),
  };
}

/** The entry of a request that was refused before a route was known. `times`: now, by wall and monotonic clock, ms. */
export function entryOfRejection(
  rejection: Rejection,
  times: { readonly wall: number; readonly monotonic: number },
): AccessEntry {
  const { method, target, failure } = rejection;
  const durationMs = Math.max(times.monotonic - rejection.startedAt, 0);
  return {
    time: new Date(times.wall - durationMs).toISOString(),
    request_id: rejection.requestId,
    client: rejection.peer?.address ?? null,
    method: method === null ? null : loggableText(method, LONGEST_METHOD),
    path: target === null ? null : loggableTarget(target),
    status: statusOf(failure),
    route: null,
    feature: null,
    stage: null,
    side: null,
    reason: null,
    endpoint: null,
    attempts: 0,
    failure,
    fallback: null,
    duration_ms: microseconds(durationMs),
    backend_ms: null,
    bytes_in: 0,
    bytes_out: rejection.bytesOut ?? 0,
    user_agent: userAgent(rejection.userAgent ?? undefined),
    protocol: null,
  };
}

function userAgent(value: string | undefined): string | null {
  return value === undefined ? null : loggableText(value, LONGEST_USER_AGENT);
}

/** Milliseconds with no more digits than a microsecond. */
function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
