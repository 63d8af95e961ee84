import type { Socket } from 'node:net';
import type { Decision } from './decision.ts';
import type { Rejection } from './exchange.ts';
import type { Failure } from './failure.ts';
import type { AttemptResult, Outcome } from './outcome.ts';
import type { Backend, RouteTable } from './route-table.ts';

/**
 * The ports that stages talk through: `app.ts` hands the implementations in. A stage knows only these.
 */

/** One address of a backend. Owned by `live/endpoints`; `forward` keeps its connections by it. */
export interface Endpoint {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** The url's host: Host for `host: backend`, and the TLS server name if none is given. */
  readonly hostname: string;
  readonly basePath: string;
  /** Requests in flight on it: kept by `forward`, read by the balancer. */
  inFlight: number;
  /**
   * Which life of its breaker a request picked it in: read when an attempt begins, given back with what became of it,
   * so that a late word about an older life changes nothing.
   */
  readonly epoch: number;
  /** The head of an answer came. */
  answered(status: number, epoch: number): void;
  /** An attempt failed, through no fault of the client's or the router's. */
  failed(failure: Failure, epoch: number): void;
  /** An attempt ended without a word on the endpoint: the client left, or the connection had been idle for too long. */
  abandoned(epoch: number): void;
  /** A connection to it failed, and it is asked for another all the time: what others can answer need not try it. */
  readonly isRefusing: boolean;
  /** DNS no longer names it, or a reload dropped it: takes nothing new, idle connections close. */
  readonly removed: boolean;
  /** Called once when it is removed. Set by the pool. */
  onRemoved: (() => void) | null;
}

/**
 * Why no endpoint could be picked: no address was ever known; all are unhealthy or were tried; the breakers of all are
 * open. Where connect failures opened one, and the backend's requests may be held, it is that failure: the endpoint is
 * asked for connections all the time, so that waiting is worth it, which it is not for one in its cooldown.
 */
export type NoEndpoint = 'dns' | 'no_endpoint' | 'breaker_open' | 'connect_refused' | 'connect_timeout';

/** Chooses endpoints. */
export interface Endpoints {
  /**
   * An endpoint for one attempt, none of `exclude`. `affinity` is the value to hash for `balance: cookie | ip`, null
   * for none.
   */
  pick(backend: Backend, affinity: string | null, exclude: readonly Endpoint[]): Endpoint | NoEndpoint;
  /**
   * A connection to it failed: others are preferred for a while, and names are asked again soon. `detail` says what exactly
   * happened.
   */
  connectFailed(endpoint: Endpoint, failure?: Failure, detail?: string): void;
  /** Calls back when DNS or a reload changed the backend's endpoints, or one can be used again. Returns how to stop that. */
  onChange(backend: Backend, changed: () => void): () => void;
}

/** What becomes of a wish for a connection. */
export interface ConnectionTold {
  connected(socket: Socket): void;
  /** `message`: what exactly, for the log. */
  failed(failure: Failure, message: string): void;
}

/**
 * Opens a connection to an endpoint as the backend's requests do: with its TLS settings, but apart from their pools.
 * Returns how to give up; then nothing is told.
 */
export type OpenConnection = (
  endpoint: Endpoint,
  how: { readonly backend: Backend; readonly timeoutMs: number },
  told: ConnectionTold,
) => () => void;

/** What becomes of a question over HTTP/2. */
export interface StatusTold {
  answered(status: number): void;
  /** `message`: what exactly, for the log. */
  failed(failure: Failure, message: string): void;
}

/**
 * Asks an endpoint that speaks HTTP/2 for a path, on a session of its own; the status alone counts. Returns how to give
 * up; then nothing is told.
 */
export type AskOverHttp2 = (
  endpoint: Endpoint,
  how: {
    readonly backend: Backend;
    /** Path and query. */
    readonly path: string;
    readonly authority: string;
    readonly userAgent: string;
    readonly timeoutMs: number;
  },
  told: StatusTold,
) => () => void;

/** A place among a backend's `max_in_flight`. */
export interface Capacity {
  /**
   * Calls `enter(true)` at once or within `queue` when there is room, `enter(false)` when there is none in time. The
   * returned function gives the place back, or leaves the queue; call it whatever came (a second call does nothing).
   * `enter` may be called before this returns: who is done by then still has to call what it returns.
   */
  acquire(backend: Backend, enter: (admitted: boolean) => void): () => void;
}

/**
 * What may change about a feature while its table stands. One object per name, the same over all reloads: looked up
 * when a table is loaded, read on every request.
 */
export interface FeatureSwitch {
  /** auto_rollback took it back: legacy answers, where the stage is canary or live. */
  readonly isRolledBack: boolean;
}

/** Keeps the switches; a name that it has never heard is not rolled back. */
export interface FeatureSwitches {
  of(feature: string): FeatureSwitch;
}

/** Told of everything that happens. Never throws, never waits. */
export interface Observer {
  /** A table came into force. */
  tableChanged(table: RouteTable): void;
  /** An exchange began: in flight from here to `finished`. */
  started(decision: Decision): void;
  /** The exchange became a tunnel, by the side that is asked: an active upgrade from here to `finished`. */
  upgraded(decision: Decision): void;
  attempted(attempt: AttemptResult): void;
  finished(outcome: Outcome): void;
  /** Refused before a route was known. */
  rejected(rejection: Rejection): void;
}
