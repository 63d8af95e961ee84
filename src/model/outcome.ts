import type { Decision } from './decision.ts';
import type { Failure } from './failure.ts';
import type { EitherResult, FallbackWord, SkipReason } from './fallback.ts';
import type { Peer, RequestHead } from './request.ts';
import type { Backend, Route } from './route-table.ts';

/** Why an attempt was made. */
export const PURPOSES = ['serve', 'resend', 'fallback', 'shadow', 'noise'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What happened with one exchange. Durations in milliseconds, sizes in bytes of bodies (tunnels: all bytes). */
export interface Outcome {
  readonly requestId: string;
  /** Wall clock, for the log's `time`; durations come from a monotonic clock. */
  readonly time: number;
  readonly head: RequestHead;
  readonly peer: Peer;
  /** The client's own address: as trusted proxies tell it, else the peer's. For the log. */
  readonly client: string;
  readonly decision: Decision;
  /** As the client saw it: 499 if it left first, the failure's status if nothing was sent. */
  readonly status: number;
  readonly failure: Failure | null;
  /**
   * What the side that was decided on came to before the other one answered in its place (a fallback, or `either`).
   * Left out otherwise. It counts for or against that side (auto_rollback) though the client saw nothing of it.
   */
  readonly hidden?: number | Failure;
  /** Legacy was asked in the feature's place: the word of `when`. Left out otherwise. */
  readonly fallback?: FallbackWord;
  /** Why legacy was not asked in the feature's place, though `when` has what happened. Left out otherwise. */
  readonly fallbackSkipped?: SkipReason;
  /** The other side was asked about a 404. Left out otherwise. */
  readonly either?: EitherResult;
  /** Whose answer the client got, or the last tried; `none` for redirect and respond. */
  readonly backend: string;
  /** `address:port` of the last attempt's endpoint; null if none was reached. */
  readonly endpoint: string | null;
  readonly attempts: number;
  readonly durationMs: number;
  /** Request's last attempt sent → answer's head; null if no head came. */
  readonly backendMs: number | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly upgraded: boolean;
  /** An event stream: kept out of the duration histogram, as upgrades are. */
  readonly eventStream: boolean;
}

/** One sending of a request to one endpoint, as it ended. */
export interface AttemptResult {
  readonly route: Route;
  readonly backend: Backend;
  readonly purpose: Purpose;
  /** Status of the answer, or what went wrong before its head. */
  readonly result: number | Failure;
  /** Sent → answer's head; null if none came. */
  readonly headMs: number | null;
}
