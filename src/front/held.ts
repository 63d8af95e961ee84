import type { Socket } from 'node:net';
import type { Failure } from '../model/failure.ts';
import type { Peer } from '../model/request.ts';

/** A connection that a front holds open, whatever is being done on it. The front looks at all of them now and then. */
export interface Held {
  /** Destroying it ends everything at once. */
  readonly socket: Socket;
  readonly peer: Peer;
  /** `performance.now()` at which `expire` is due. */
  readonly deadline: number;
  /** Nothing would be lost by its end. */
  readonly isIdle: boolean;
  /** It may end so that another can come: no request is under way. */
  readonly isSpare: boolean;
  /** A request is under way, and its client keeps it from ending. `now`: by `performance.now()`. */
  isSlow?(now: number): boolean;
  /** `failure`: what a head that is not whole is refused with; `request_timeout` by default. */
  expire(failure?: Failure): void;
  /** Called at each look at which the deadline has not passed. */
  probe(): void;
  /** Ends it in a way that lets the other end read what it was sent. */
  closeLingering(): void;
}
