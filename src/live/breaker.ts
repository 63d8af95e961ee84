/**
 * One endpoint's breaker: when it is left alone, and how it comes back.
 *
 *            failures in a row, or half the answers 502–504
 *   closed ────────────────────────────────────────────────▶ open ─┬─ by connect failures: probing ─ accepts ─▶ closed
 *      ▲                                                            │  (a TCP connection every 100 ms; also after
 *      │                                                            │   connections that broke, if the first is refused)
 *      │                                                            └─ by anything else: cooldown ─▶ one trial
 *      └──────────────────────── it succeeds ────────────────────────────────────────────────────────┤
 *                                                             open again ◀── it fails ────────────────┘
 *
 * A request learns the breaker's epoch when it picks the endpoint and says it with its result. Each opening and each
 * trial begins a new epoch, so that requests which were under way before have no say in a trial. No timers: whoever
 * asks tells the time.
 */
import type { Failure } from '../model/failure.ts';
import type { BreakerLimits } from '../model/route-table.ts';
import { RecentAnswers } from './recent-answers.ts';

/** `probing` and `cooldown` are open; in `trial` one request is under way and nobody else is let through. */
export type BreakerState = 'closed' | 'probing' | 'cooldown' | 'trial';

/** What happened to a breaker, if anything: `opened` from closed, `closed` from open. */
export type BreakerChange = 'opened' | 'closed' | null;

/** The address did not take a connection at all: it can be asked for one without a request. */
export function isConnectFailure(failure: Failure): boolean {
  return failure === 'connect_refused' || failure === 'connect_timeout';
}

/** What of an attempt's failures speaks against the endpoint. `tls` is no connection either, but no probe would see it. */
const COUNTED: ReadonlySet<Failure> = new Set([
  'connect_refused',
  'connect_timeout',
  'tls',
  'reset',
  'response_timeout',
  'idle_timeout',
]);

/** A breaker of one endpoint. All times are monotonic, ms. */
export class Breaker {
  readonly limits: BreakerLimits;
  state: BreakerState = 'closed';
  epoch = 0;
  /** In a row, up to now. */
  failures = 0;
  /** For the log: what opened it. */
  why = '';
  /** Of the last opening. */
  lastFailure: Failure | null = null;
  /** When its cooldown ends. */
  retryAt = 0;
  /**
   * Connections that broke opened it. They may have broken since the endpoint is going away: one probe tells, and if it
   * is refused, the breaker is one that connect failures opened.
   */
  isUnsure = false;
  readonly #answers = new RecentAnswers();

  constructor(limits: BreakerLimits) {
    this.limits = limits;
  }

  /** Whether a request may pick the endpoint. */
  allows(now: number): boolean {
    return this.state === 'closed' || (this.state === 'cooldown' && now >= this.retryAt);
  }

  /** It was picked: after the cooldown that is the one trial. */
  picked(): void {
    if (this.state !== 'cooldown') return;
    this.state = 'trial';
    this.isUnsure = false;
    this.epoch++;
  }

  answered(status: number, epoch: number, now: number): BreakerChange {
    if (epoch !== this.epoch) return null;
    const isBad = status >= 502 && status <= 504;
    if (this.state === 'trial') return isBad ? this.#open(null, now) : this.#close();
    this.failures = 0;
    this.#answers.count(isBad, now);
    if (!isBad || !this.#answers.areMostlyBad) return null;
    this.why = this.#answers.inWords;
    return this.#open(null, now);
  }

  failed(failure: Failure, epoch: number, now: number): BreakerChange {
    if (epoch !== this.epoch) return null;
    if (this.state === 'cooldown') {
      if (this.isUnsure && isConnectFailure(failure)) this.#open(failure, now);
      return null;
    }
    if (!COUNTED.has(failure)) {
      this.abandoned(epoch, now);
      return null;
    }
    this.failures++;
    if (this.state === 'probing') return null;
    if (this.state === 'closed' && this.failures < this.limits.failures) return null;
    if (this.state === 'closed') this.why = `${this.failures} failures in a row, the last was ${failure}`;
    return this.#open(failure, now);
  }

  /** The one on trial ended without a verdict: the next one is. */
  abandoned(epoch: number, now: number): void {
    if (epoch !== this.epoch || this.state !== 'trial') return;
    this.state = 'cooldown';
    this.retryAt = now;
  }

  /** A probe was accepted. */
  accepted(): BreakerChange {
    this.isUnsure = false;
    if (this.state === 'closed') this.failures = 0;
    return this.state === 'probing' ? this.#close() : null;
  }

  #open(failure: Failure | null, now: number): BreakerChange {
    const wasClosed = this.state === 'closed';
    this.epoch++;
    this.lastFailure = failure;
    this.state = failure !== null && isConnectFailure(failure) ? 'probing' : 'cooldown';
    this.isUnsure = failure === 'reset';
    this.retryAt = now + this.limits.cooldownMs;
    this.#answers.clear();
    return wasClosed ? 'opened' : null;
  }

  #close(): BreakerChange {
    this.state = 'closed';
    this.epoch++;
    this.failures = 0;
    this.#answers.clear();
    return 'closed';
  }
}
