import type { Capacity, Endpoints, Observer } from '../model/ports.ts';
import type { Pools } from './backend/pools.ts';

/** What forwarding needs of the rest. */
export interface ForwarderDeps {
  readonly endpoints: Endpoints;
  readonly capacity: Capacity;
  readonly observer: Observer;
  readonly pools: Pools;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Wall clock, ms. */
  readonly wallClock: () => number;
}
