import type { Failure } from '../../model/failure.ts';
import type { Carrier } from './carrier.ts';

/** Waits for a connection. */
export interface ConnectionTaker {
  /** It wants a new one, whatever is idle. */
  readonly fresh: boolean;
  /** Its request may be sent again if this connection turns out to be dead. */
  readonly repeatable: boolean;
  readonly connectTimeoutMs: number;
  /** It waits no more. */
  readonly isOver: boolean;
  taken(connection: Carrier): void;
  notTaken(failure: Failure, message: string): void;
}

/** The connections to one endpoint, whichever HTTP they speak. */
export interface ConnectionPool {
  /** A connection for one exchange, soon. One who `isOver` meanwhile hears nothing. */
  take(taker: ConnectionTaker): void;
  /** The taker waits no more: nothing is connected for it. */
  giveUp(taker: ConnectionTaker): void;
  /** Closes what has been idle too long. Called by one timer for all pools. */
  sweep(): void;
  /** The endpoint is gone: nobody waits for it any more; what is idle closes, what is in use when its exchanges end. */
  retire(): void;
  /** Closes every idle connection. */
  closeIdle(): void;
}
