import type { Endpoint } from '../model/ports.ts';

/** The endpoint that an exchange uses, one at a time: it counts as in flight there from `take` to `leave`. */
export class EndpointUse {
  /** In use, or used last; null before the first. */
  last: Endpoint | null = null;
  private isInUse = false;

  take(endpoint: Endpoint): void {
    this.leave();
    this.last = endpoint;
    this.isInUse = true;
    endpoint.inFlight += 1;
  }

  /** A second call does nothing. */
  leave(): void {
    if (!this.isInUse || this.last === null) return;
    this.isInUse = false;
    this.last.inFlight -= 1;
  }
}
