import type { Failure } from '../model/failure.ts';
import type { HoldLine } from './hold-line.ts';

/**
 * Holding a request while no endpoint accepts (docs/endpoints.md): a container that is being recreated is back in
 * seconds. What cannot have reached a backend is held, and once what may be sent again and was broken off by the last
 * endpoint there is: it may be going away. When the time is up, the last connect failure is the failure.
 */
const HOLDABLE: ReadonlySet<Failure> = new Set(['connect_refused', 'connect_timeout', 'dns', 'no_endpoint']);

/** How long it takes, at most, until an endpoint that broke off a request because it ends refuses connections. */
const BROKEN_MS = 100;

/** What follows the waiting: another try, or the end of it. */
export interface AfterHold {
  retry(): void;
  expired(failure: Failure): void;
}

/** The waiting of one exchange. */
export class Hold {
  private until: number | null = null;
  private lastConnectFailure: Failure | null = null;
  private timer: NodeJS.Timeout | undefined;
  private leaveLine: (() => void) | null = null;
  private hasWaitedForBroken = false;
  private readonly line: HoldLine;
  private readonly holdMs: number;

  constructor(line: HoldLine, holdMs: number) {
    this.line = line;
    this.holdMs = holdMs;
  }

  /**
   * Waits a moment after a request was broken off: what goes away may take connections until it has gone. False: it did
   * so before, since the request may be what breaks its endpoint.
   */
  takesBroken(now: number, after: AfterHold): boolean {
    if (this.holdMs === 0 || this.hasWaitedForBroken) return false;
    this.hasWaitedForBroken = true;
    this.until ??= now + this.holdMs;
    this.timer = setTimeout(() => this.end(() => after.retry()), Math.min(BROKEN_MS, this.holdMs));
    return true;
  }

  /** Waits if this failure may be held and time is left; otherwise says at once that it is over. */
  wait(failure: Failure, now: number, after: AfterHold): void {
    if (!HOLDABLE.has(failure)) {
      after.expired(failure);
      return;
    }
    if (failure.startsWith('connect_')) this.lastConnectFailure = failure;
    const reported = this.lastConnectFailure ?? failure;
    this.until ??= now + this.holdMs;
    if (now >= this.until) {
      after.expired(reported);
      return;
    }
    this.timer = setTimeout(() => this.end(() => after.expired(reported)), this.until - now);
    this.leaveLine = this.line.wait(() => this.end(() => after.retry()));
  }

  /** Stops waiting. */
  cancel(): void {
    clearTimeout(this.timer);
    this.leaveLine?.();
    this.leaveLine = null;
  }

  private end(then: () => void): void {
    this.cancel();
    then();
  }
}
