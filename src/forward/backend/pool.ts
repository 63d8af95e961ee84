import type { Endpoint } from '../../model/ports.ts';
import { openConnection } from './connect.ts';
import { BackendConnection } from './connection.ts';
import type { ConnectionPool, ConnectionTaker } from './connection-pool.ts';
import type { HandOuts } from './hand-outs.ts';
import type { TlsSettings } from './tls-settings.ts';

/**
 * The connections of one endpoint. Idle ones are taken last in, first out, so that the surplus grows old and is
 * closed. A request that must not be sent twice gets a fresh connection rather than one that has been idle for a
 * while: a backend may close that at the very moment we write, and then nobody knows what it did.
 */

/** An idle connection this young takes any request: backends keep theirs for seconds. */
const SURELY_OPEN_MS = 1_000;
/** Older idle connections are closed. */
const MAX_IDLE_MS = 30_000;
/** Closed this long before the backend's own announced limit. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

/** What the connections of a pool are opened with. */
export interface PoolOptions {
  readonly tls: TlsSettings | null;
  readonly now: () => number;
  /** A connection was made. */
  readonly onConnected: () => void;
  /** Of all pools. */
  readonly handOuts: HandOuts;
  /** What connections read into; of all pools. */
  readonly readBuffer: Buffer;
}

/** The connections to one endpoint. */
export class Pool implements ConnectionPool {
  private readonly idle: BackendConnection[] = [];
  /** How to give each pending connection up. */
  private readonly connecting = new Map<ConnectionTaker, () => void>();
  private readonly endpoint: Endpoint;
  private readonly options: PoolOptions;

  constructor(endpoint: Endpoint, options: PoolOptions) {
    this.endpoint = endpoint;
    this.options = options;
  }

  /** A connection for one exchange: an idle one soon, else a new one. One who `isOver` meanwhile hears nothing. */
  take(taker: ConnectionTaker): void {
    const reused = taker.fresh ? null : this.takeIdle(taker.repeatable ? MAX_IDLE_MS : SURELY_OPEN_MS);
    if (reused === null) {
      this.connect(taker);
      return;
    }
    this.options.handOuts.add(() => this.handOut(reused, taker));
  }

  /** The taker waits no more: nothing is connected for it. */
  giveUp(taker: ConnectionTaker): void {
    const stop = this.connecting.get(taker);
    if (stop === undefined) return;
    this.connecting.delete(taker);
    stop();
  }

  private connect(taker: ConnectionTaker): void {
    const { tls, readBuffer, onConnected } = this.options;
    const stop = openConnection(
      this.endpoint,
      { tls, connectTimeoutMs: taker.connectTimeoutMs, readBuffer },
      {
        connected: (socket, intake) => {
          this.connecting.delete(taker);
          taker.taken(new BackendConnection(socket, intake, this));
          onConnected();
        },
        failed: (failure, message) => {
          this.connecting.delete(taker);
          taker.notTaken(failure, message);
        },
      },
    );
    this.connecting.set(taker, stop);
  }

  /** Closes what has been idle too long. Called by one timer for all pools. */
  sweep(): void {
    const now = this.options.now();
    for (const connection of [...this.idle]) {
      if (isTooOld(connection, now, MAX_IDLE_MS)) this.drop(connection);
    }
  }

  /** The endpoint is gone: nobody waits for it any more, idle connections close, those in use when they are released. */
  retire(): void {
    const waiting = [...this.connecting];
    this.connecting.clear();
    for (const [taker, stop] of waiting) {
      stop();
      taker.notTaken('connect_refused', 'the address is gone');
    }
    this.closeIdle();
  }

  /** Closes every idle connection; those in use close when their exchange ends (see `released`). */
  closeIdle(): void {
    for (const connection of this.idle.splice(0)) connection.destroy();
  }

  /** For the connections: one is free again. */
  released(connection: BackendConnection): void {
    if (this.endpoint.removed || !connection.isUsable) {
      connection.destroy();
      return;
    }
    connection.idleSince = this.options.now();
    this.idle.push(connection);
  }

  /** For the connections: one is gone. */
  closed(connection: BackendConnection): void {
    const at = this.idle.lastIndexOf(connection);
    if (at !== -1) this.idle.splice(at, 1);
  }

  private handOut(connection: BackendConnection, taker: ConnectionTaker): void {
    if (taker.isOver) this.released(connection);
    else if (connection.isUsable) taker.taken(connection);
    else this.take(taker);
  }

  private takeIdle(maxIdleMs: number): BackendConnection | null {
    const now = this.options.now();
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop()) {
      const isTooOldForAll = isTooOld(connection, now, MAX_IDLE_MS);
      if (connection.isUsable && !isTooOldForAll) {
        if (now - connection.idleSince <= maxIdleMs) return connection;
        // Too old for this request, good for others.
        this.idle.push(connection);
        return null;
      }
      connection.destroy();
    }
    return null;
  }

  private drop(connection: BackendConnection): void {
    connection.destroy();
    this.closed(connection);
  }
}

function isTooOld(connection: BackendConnection, now: number, maxIdleMs: number): boolean {
  const promised = connection.keepAliveMs === 0 ? maxIdleMs : connection.keepAliveMs - KEEP_ALIVE_MARGIN_MS;
  return now - connection.idleSince > Math.min(maxIdleMs, Math.max(promised, 0));
}
