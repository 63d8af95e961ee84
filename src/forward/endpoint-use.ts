import type { Endpoint } from '../model/ports.ts';
import { type AttemptFailure, isUnanswered } from './attempt-events.ts';

/**
 * The endpoint that an exchange uses, one at a time: it counts as in flight there from `take` to `leave`, and what
 * became of it is told to the endpoint in between. Who leaves without a word (the client went away, the time for all
 * attempts was up) has said nothing about it.
 */
export class EndpointUse {
  /** In use, or used last; null before the first. */
  last: Endpoint | null = null;
  private isInUse = false;
  private hasSpoken = false;
  private epoch = 0;

  take(endpoint: Endpoint): void {
    this.leave();
    this.last = endpoint;
    this.isInUse = true;
    this.hasSpoken = false;
    this.epoch = endpoint.epoch;
    endpoint.inFlight += 1;
  }

  /** The head of an answer came. */
  answered(status: number): void {
    this.hasSpoken = true;
    this.last?.answered(status, this.epoch);
  }

  /**
   * Leaves, too. An idle connection that was let go says nothing: backends do that, and mean no harm; nor does a request
   * that was handed back.
   */
  failed(failed: AttemptFailure): void {
    const wasLetGo = failed.refused !== null || (failed.reused && isUnanswered(failed));
    if (!wasLetGo) this.last?.failed(failed.failure, this.epoch);
    this.hasSpoken = !wasLetGo;
    this.leave();
  }

  /** A second call does nothing. */
  leave(): void {
    if (!this.isInUse || this.last === null) return;
    this.isInUse = false;
    this.last.inFlight -= 1;
    if (!this.hasSpoken) this.last.abandoned(this.epoch);
  }
}
