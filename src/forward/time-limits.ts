import { type Listed, RunList } from './run-list.ts';

/** No time limit. */
export const NEVER = Number.POSITIVE_INFINITY;

/** Something whose time may run out. */
export interface Limited extends Listed {
  /** Monotonic ms at which it runs out; NEVER. Set by {@link TimeLimits} alone. */
  dueAt: number;
  /** Its time is up. */
  expire(): void;
}

/**
 * The time limits of everything under way, by one timer: it is set to the earliest, and looks at all of them then. A
 * limit is nearly always lifted or put off long before, which costs nothing here, while a `setTimeout` for each of a
 * request's limits cost a tenth of its JavaScript.
 */
export class TimeLimits {
  private readonly watched = new RunList<Limited>();
  /** Nothing is due before; NEVER if no timer runs. */
  private nextAt = NEVER;
  private timer: NodeJS.Timeout | undefined;
  private readonly now: () => number;

  /** @param now Monotonic, ms. */
  constructor(now: () => number) {
    this.now = now;
  }

  /** It runs out in so many ms, unless `lift` or another `set` comes before. */
  set(limited: Limited, ms: number): void {
    const dueAt = this.now() + ms;
    limited.dueAt = dueAt;
    if (limited.place === -1) this.watched.add(limited);
    if (dueAt < this.nextAt) this.schedule(dueAt);
  }

  /** It does not run out for now. */
  lift(limited: Limited): void {
    limited.dueAt = NEVER;
  }

  /** It is over, and forgotten. */
  forget(limited: Limited): void {
    this.watched.delete(limited);
  }

  private schedule(at: number): void {
    this.nextAt = at;
    clearTimeout(this.timer);
    // One more, since a timer may fire up to a millisecond early by a clock that is read more finely.
    this.timer = setTimeout(this.look, Math.max(1, Math.ceil(at - this.now()) + 1));
    // What is under way has sockets, which keep the process.
    this.timer.unref();
  }

  private readonly look = (): void => {
    const now = this.now();
    this.nextAt = NEVER;
    let next = NEVER;
    for (const limited of this.watched.all()) {
      if (limited.dueAt <= now) {
        limited.dueAt = NEVER;
        limited.expire();
      } else if (limited.dueAt < next) next = limited.dueAt;
    }
    // Who expired may have set a limit, and with it the timer.
    if (next < this.nextAt) this.schedule(next);
  };
}
