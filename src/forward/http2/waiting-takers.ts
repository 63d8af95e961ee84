import type { ConnectionTaker } from '../backend/connection-pool.ts';

/** Those for whom there is no stream now, in the order in which they came. */
export class WaitingTakers {
  private readonly timers = new Map<ConnectionTaker, NodeJS.Timeout | undefined>();

  get size(): number {
    return this.timers.size;
  }

  /** It waits as long as it would for a connection; then the backend has as many requests as it takes. */
  add(taker: ConnectionTaker): void {
    const { connectTimeoutMs } = taker;
    const expire = (): void => {
      this.timers.delete(taker);
      taker.notTaken('over_capacity', `no stream was free within ${connectTimeoutMs} ms`);
    };
    this.timers.set(taker, connectTimeoutMs > 0 ? setTimeout(expire, connectTimeoutMs) : undefined);
  }

  delete(taker: ConnectionTaker): void {
    clearTimeout(this.timers.get(taker));
    this.timers.delete(taker);
  }

  /** Who waits longest, and now no more. */
  next(): ConnectionTaker | null {
    for (const taker of this.timers.keys()) {
      this.delete(taker);
      return taker;
    }
    return null;
  }

  /** All of them; they wait no more. */
  takeAll(): ConnectionTaker[] {
    const takers = [...this.timers.keys()];
    for (const taker of takers) this.delete(taker);
    return takers;
  }
}
