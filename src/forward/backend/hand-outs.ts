/**
 * Idle connections that were asked for, handed out at the end of this turn of the event loop, when what the kernel had
 * for them was read: a backend's close, or bytes that belong to nobody, may lie there unseen behind the very event that
 * brought the request. One look for all requests of a turn, since a `setImmediate` for each cost as much as matching.
 */
export class HandOuts {
  private waiting: (() => void)[] = [];

  /** `handOut` is called soon. */
  add(handOut: () => void): void {
    if (this.waiting.push(handOut) === 1) setImmediate(this.handOutAll);
  }

  private readonly handOutAll = (): void => {
    const ready = this.waiting;
    this.waiting = [];
    let at = 0;
    try {
      while (at < ready.length) (ready[at++] as () => void)();
    } finally {
      // If one threw, nobody else shall miss his connection for it.
      for (; at < ready.length; at++) this.add(ready[at] as () => void);
    }
  };
}
