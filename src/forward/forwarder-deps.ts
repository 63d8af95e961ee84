import type { Failure } from '../model/failure.ts';
import type { HeldBytes } from '../model/held-bytes.ts';
import type { Capacity, Endpoints, Observer } from '../model/ports.ts';
import type { Backend } from '../model/route-table.ts';
import type { Pools } from './backend/pools.ts';
import type { FallbackPlaces } from './fallback-places.ts';
import type { ForwardedLines } from './forwarded-lines.ts';
import type { RunInput } from './run-input.ts';
import type { TimeLimits } from './time-limits.ts';

/** An attempt that failed, in words for the log: they may name addresses, so no client sees them. */
export interface FailedAttempt {
  readonly requestId: string;
  readonly backend: string;
  /** `address:port`. */
  readonly endpoint: string;
  readonly failure: Failure;
  readonly detail: string;
}

/** What forwarding needs of the rest. */
export interface ForwarderDeps {
  readonly endpoints: Endpoints;
  readonly capacity: Capacity;
  readonly observer: Observer;
  readonly pools: Pools;
  /** Of all requests, the part that comes to this process, 0 … 1: all unless there are several workers. */
  readonly portion?: number;
  /** What everyone holds together. Default: not counted. */
  readonly heldBytes?: HeldBytes;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Wall clock, ms. */
  readonly wallClock: () => number;
  readonly onFailedAttempt: (attempt: FailedAttempt) => void;
}

/** What one run needs. */
export interface RunDeps extends ForwarderDeps {
  /** Of all that is under way, by `now`. */
  readonly limits: TimeLimits;
  readonly forwarded: ForwardedLines;
  readonly fallbackPlaces: FallbackPlaces;
  /** For an exchange that turns to this backend. */
  readonly waysOf: (backend: Backend) => Pick<RunInput, 'budget' | 'line'>;
}
