import type { Failure } from '../../model/failure.ts';
import type { Endpoint } from '../../model/ports.ts';
import type { ConnectionPool, ConnectionTaker } from '../backend/connection-pool.ts';
import type { PoolOptions } from '../backend/pool.ts';
import { connectSession } from './connect-session.ts';
import type { Http2Session, SessionOwner } from './session.ts';
import { WaitingTakers } from './waiting-takers.ts';

/**
 * The sessions of one endpoint: one, as long as the backend allows enough streams on it, and a few more beyond that; past
 * those, exchanges wait for a stream. One is opened at a time, and all who came meanwhile share it.
 *
 *   take ─▶ a session with room ─▶ (not asked for long? a PING first) ─▶ stream
 *       └─▶ none: the one that is being opened, or a new one ─▶ stream
 *               └─▶ as many as there may be: waits
 */

/** Open at a time. Backends commonly allow a hundred streams or more on each. */
const MOST_SESSIONS = 16;
/** A session that was just made is as good as a new one. */
const YOUNG_MS = 1_000;
/** Before a request that must not be sent twice, a session is asked for a sign of life when it was silent for longer. */
const SURELY_OPEN_MS = 1_000;
/** Without one in that time, a new session is opened instead. */
const SIGN_OF_LIFE_MS = 1_000;
const SWEEP_MS = 1_000;
/** Older idle sessions are closed. */
const MAX_IDLE_MS = 30_000;

/** What the sessions of a pool are opened with, and who is told of them. */
export interface SessionPoolOptions extends PoolOptions {
  /** It speaks, but no HTTP/2. Told once until a session was made. */
  readonly onOtherProtocol: (message: string) => void;
}

/** The sessions of one endpoint. */
export class SessionPool implements ConnectionPool, SessionOwner {
  private readonly sessions = new Set<Http2Session>();
  /** They take no new exchanges. */
  private readonly leavers = new Set<Http2Session>();
  private opening: { readonly takers: Set<ConnectionTaker>; readonly stop: () => void } | null = null;
  private readonly waiting = new WaitingTakers();
  private wasOther = false;
  private ownSweeper: NodeJS.Timeout | undefined;
  private readonly endpoint: Endpoint;
  private readonly options: SessionPoolOptions;

  constructor(endpoint: Endpoint, options: SessionPoolOptions) {
    this.endpoint = endpoint;
    this.options = options;
  }

  take(taker: ConnectionTaker): void {
    const session = this.sessionFor(taker);
    if (session === null) this.openOrWait(taker);
    else if (!taker.repeatable && session.silentMs > SURELY_OPEN_MS) this.handOutIfAlive(session, taker);
    else this.options.handOuts.add(() => this.handOut(session, taker));
  }

  giveUp(taker: ConnectionTaker): void {
    this.waiting.delete(taker);
    if (this.opening === null || !this.opening.takers.delete(taker) || this.opening.takers.size > 0) return;
    this.opening.stop();
    this.opening = null;
  }

  sweep(): void {
    const now = this.options.now();
    for (const session of [...this.sessions, ...this.leavers]) {
      session.sweep();
      if (session.streams.size === 0 && now - session.idleSince > MAX_IDLE_MS) session.leave();
    }
  }

  retire(): void {
    const takers = [...(this.opening?.takers ?? []), ...this.waiting.takeAll()];
    this.opening?.stop();
    this.opening = null;
    for (const taker of takers) taker.notTaken('connect_refused', 'the address is gone');
    for (const session of [...this.sessions]) session.leave();
    // Nobody sweeps this pool any more, and a host that is gone with its address may have died without a word.
    if (this.leavers.size > 0) this.ownSweeper = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  closeIdle(): void {
    for (const session of [...this.sessions]) if (session.streams.size === 0) session.leave();
  }

  // For the sessions.

  freed(session: Http2Session): void {
    while (this.waiting.size > 0 && session.hasRoom) {
      const taker = this.waiting.next();
      if (taker !== null) this.handOut(session, taker);
    }
  }

  leaving(session: Http2Session): void {
    if (this.sessions.delete(session)) this.leavers.add(session);
    this.takeWaiting();
  }

  closed(session: Http2Session): void {
    this.sessions.delete(session);
    this.leavers.delete(session);
    if (this.leavers.size === 0) clearInterval(this.ownSweeper);
    this.takeWaiting();
  }

  private takeWaiting(): void {
    if (this.endpoint.removed) return;
    for (const taker of this.waiting.takeAll()) this.take(taker);
  }

  private sessionFor(taker: ConnectionTaker): Http2Session | null {
    const now = this.options.now();
    for (const session of this.sessions) {
      if (session.hasRoom && (!taker.fresh || now - session.createdAt < YOUNG_MS)) return session;
    }
    return null;
  }

  private openOrWait(taker: ConnectionTaker): void {
    if (this.opening !== null) this.opening.takers.add(taker);
    else if (taker.fresh || this.sessions.size < MOST_SESSIONS) this.open(taker);
    else this.waiting.add(taker);
  }

  private open(taker: ConnectionTaker): void {
    const takers = new Set([taker]);
    const { tls, readBuffer, now } = this.options;
    const stop = connectSession(
      this.endpoint,
      { tls, readBuffer, now, connectTimeoutMs: taker.connectTimeoutMs, owner: this },
      {
        connected: (session) => this.opened(session, takers),
        failed: (failure, message, isOther) => {
          if (isOther) this.tellOther(message);
          this.notOpened(takers, failure, message);
        },
      },
    );
    this.opening = { takers, stop };
  }

  private opened(session: Http2Session, takers: ReadonlySet<ConnectionTaker>): void {
    this.opening = null;
    this.wasOther = false;
    this.sessions.add(session);
    for (const taker of takers) this.handOut(session, taker);
    this.options.onConnected();
    this.freed(session);
  }

  private notOpened(takers: ReadonlySet<ConnectionTaker>, failure: Failure, message: string): void {
    this.opening = null;
    for (const taker of takers) taker.notTaken(failure, message);
  }

  private tellOther(message: string): void {
    if (!this.wasOther) this.options.onOtherProtocol(message);
    this.wasOther = true;
  }

  private handOut(session: Http2Session, taker: ConnectionTaker): void {
    if (taker.isOver) return;
    if (session.hasRoom) taker.taken(session.newStream());
    else this.take(taker);
  }

  private handOutIfAlive(session: Http2Session, taker: ConnectionTaker): void {
    let isSettled = false;
    const timer = setTimeout(() => {
      isSettled = true;
      if (!taker.isOver) this.openOrWait(taker);
    }, SIGN_OF_LIFE_MS);
    session.ask(() => {
      clearTimeout(timer);
      if (!isSettled) this.handOut(session, taker);
    });
  }
}
