import type { EndpointStatus } from '../model/backend-status.ts';
import type { Failure } from '../model/failure.ts';
import type { Endpoint } from '../model/ports.ts';
import type { Backend, BackendUrl, BreakerLimits } from '../model/route-table.ts';
import { Breaker, isConnectFailure } from './breaker.ts';
import { ConnectTrouble } from './connect-trouble.ts';
import { EndpointApart } from './endpoint-apart.ts';
import { type EndpointNews, failingText } from './endpoint-news.ts';
import { hashText } from './hash-text.ts';

/** How good an endpoint is for a request: the lower the better; from {@link UNHEALTHY} on it takes none. */
export const FINE = 0;
/** Good, where nothing better is. */
const SPARE = 1;
/** A connection to it just failed. */
const EJECTED = 2;
/** By its checks. */
export const UNHEALTHY = 3;
/** Its breaker is open. */
export const OPEN = 4;

/** What active checks say: `unchecked` until the first is over. Null: there are none. */
export type CheckedHealth = 'unchecked' | 'healthy' | 'unhealthy' | null;

/** Where an endpoint is, and the clocks it goes by. */
export interface EndpointPlace {
  readonly url: BackendUrl;
  readonly address: string;
  /** Monotonic, ms. */
  readonly now?: () => number;
  /** Wall clock, ms. */
  readonly time?: () => number;
}

/**
 * An endpoint and what is known of it: by connections that failed, by its breaker, by active checks. What it hears of
 * requests costs next to nothing, since every request tells it; what changes is told once, as news.
 */
export class LiveEndpoint implements Endpoint {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  readonly hostname: string;
  readonly basePath: string;
  /** `::1` of a name that has 127.0.0.1 too: used when that one fails. */
  isSpare = false;
  /** Stable over processes, so that replicas of the router agree on who serves a client. */
  readonly hash: number;
  inFlight = 0;
  removed = false;
  onRemoved: (() => void) | null = null;
  /** Told of each change, once. */
  onNews: ((news: EndpointNews) => void) | null = null;
  /** Told when a probe was accepted by an endpoint of which that was not sure; its breaker stays open. */
  onCertain: (() => void) | null = null;
  /** How many endpoint sets name it. */
  holders = 0;
  /** Its place in the pool. */
  readonly key: string;
  breaker: Breaker | null = null;
  health: CheckedHealth = null;
  /** When it is asked next for a connection; wall clock, ms. */
  nextProbeAt: number | null = null;
  /** When it is asked next whether it is well; wall clock, ms. */
  nextCheckAt: number | null = null;
  readonly #trouble = new ConnectTrouble();
  #apart: EndpointApart | null = null;
  #why: string | null = null;
  #checksWhy: string | null = null;
  #since: number;
  readonly #now: () => number;
  readonly #time: () => number;

  constructor(key: string, backend: string, place: EndpointPlace) {
    const { url, address } = place;
    this.key = key;
    this.backend = backend;
    this.address = address;
    this.port = url.port;
    this.secure = url.secure;
    this.hostname = url.host;
    this.basePath = url.basePath;
    this.hash = hashText(`${address} ${url.port} ${url.basePath}`);
    this.#now = place.now ?? (() => performance.now());
    this.#time = place.time ?? Date.now;
    this.#since = this.#time();
  }

  /** What its backend asks for now. A breaker whose limits stay keeps its state; another one begins closed. */
  follow({ breaker }: Pick<Backend, 'breaker'>): void {
    if (isSame(this.breaker?.limits ?? null, breaker)) return;
    const wasOpen = this.isOpen;
    this.breaker = breaker === null ? null : new Breaker(breaker);
    this.#trouble.over();
    if (wasOpen) this.#tell({ kind: 'closed' });
  }

  // What requests say.

  get epoch(): number {
    return this.breaker === null ? 0 : this.breaker.epoch;
  }

  answered(status: number, epoch: number): void {
    if (this.breaker === null) return;
    const change = this.breaker.answered(status, epoch, this.#now());
    if (change !== null) this.#breakerChanged(change);
  }

  failed(failure: Failure, epoch: number): void {
    if (this.breaker === null) return;
    const change = this.breaker.failed(failure, epoch, this.#now());
    if (change !== null) this.#breakerChanged(change);
  }

  abandoned(epoch: number): void {
    this.breaker?.abandoned(epoch, this.#now());
  }

  /** Many requests that fail at the same moment count as one failure. */
  connectFailed(now: number, failure: Failure = 'connect_refused', detail?: string): void {
    const isProbed = this.breaker !== null && isConnectFailure(failure);
    const said = detail === undefined ? {} : { detail };
    if (this.#trouble.failed(now, isProbed)) this.#tell({ kind: 'failing', failure, ...said, isProbed });
  }

  isEjected(now: number): boolean {
    return this.#trouble.isEjected(now);
  }

  get isRefusing(): boolean {
    return this.#trouble.isProbed;
  }

  /** It was chosen for an attempt: perhaps as the one that tries whether it is back. */
  picked(now: number): void {
    if (this.#trouble.picked(now)) this.#tell({ kind: 'accepting' });
    this.breaker?.picked();
  }

  /** What it is good for now. */
  rank(now: number): number {
    if (this.breaker !== null && !this.breaker.allows(now)) return OPEN;
    if (this.health === 'unhealthy') return UNHEALTHY;
    if (this.#trouble.isEjected(now)) return EJECTED;
    return this.isSpare || this.health === 'unchecked' ? SPARE : FINE;
  }

  /** Its breaker lets nobody through, but perhaps one. */
  get isOpen(): boolean {
    return this.breaker !== null && this.breaker.state !== 'closed';
  }

  /** It is asked for connections until it accepts one. */
  get wantsProbes(): boolean {
    return this.#trouble.isProbed || this.breaker?.state === 'probing' || this.isUnsure;
  }

  /** Its breaker is open, and whether the endpoint still takes connections is to be asked at once. */
  get isUnsure(): boolean {
    return this.breaker?.isUnsure ?? false;
  }

  // What probes and checks say.

  /** A connection was made that no request asked for. */
  accepted(): void {
    const wasUnsure = this.isUnsure;
    const wasFailing = this.#trouble.over();
    const change = this.breaker?.accepted() ?? null;
    if (change !== null) this.#breakerChanged(change);
    else if (wasFailing) this.#tell({ kind: 'accepting' });
    // Who was held until it was clear has nothing to wait for.
    if (wasUnsure) this.onCertain?.();
  }

  checked(health: CheckedHealth, why: string | null): void {
    const before = this.health;
    this.health = health;
    this.#checksWhy = why;
    if (health === 'unhealthy' && before !== 'unhealthy') this.#tell({ kind: 'unhealthy', why: why ?? '' });
    if (health === 'healthy' && before === 'unhealthy') this.#tell({ kind: 'healthy' });
  }

  status(now: number): EndpointStatus {
    const { address, port, secure, hostname, inFlight } = this;
    const isEjected = this.isOpen || this.#trouble.isEjected(now);
    const isUnhealthy = this.health === 'unhealthy';
    const waitMs = this.breaker?.state === 'cooldown' ? Math.max(0, this.breaker.retryAt - now) : null;
    return {
      address,
      port,
      secure,
      hostname,
      inFlight,
      state: isUnhealthy ? 'unhealthy' : isEjected ? 'ejected' : 'available',
      why: isUnhealthy ? this.#checksWhy : isEjected ? this.#why : null,
      since: this.#since,
      consecutiveFailures: this.breaker?.failures ?? this.#trouble.failures,
      nextProbeAt: waitMs === null ? (this.nextProbeAt ?? this.nextCheckAt) : this.#time() + waitMs,
    };
  }

  /** For copies of requests. */
  get apart(): EndpointApart {
    this.#apart ??= new EndpointApart(this);
    return this.#apart;
  }

  /** No set names it any more. */
  remove(): void {
    this.removed = true;
    this.onRemoved?.();
    this.#apart?.onRemoved?.();
  }

  #breakerChanged(change: 'opened' | 'closed'): void {
    if (change === 'closed') {
      this.#trouble.over();
      this.#tell({ kind: 'closed' });
      return;
    }
    const { why, state, limits } = this.breaker as Breaker;
    this.#tell({ kind: 'opened', why, isProbed: state === 'probing', cooldownMs: limits.cooldownMs });
  }

  #tell(news: EndpointNews): void {
    if (news.kind === 'failing') this.#why = `connections to it fail (${failingText(news)})`;
    if (news.kind === 'opened') this.#why = news.why;
    this.#since = this.#time();
    this.onNews?.(news);
  }
}

function isSame(before: BreakerLimits | null, after: BreakerLimits | null): boolean {
  return before?.failures === after?.failures && before?.cooldownMs === after?.cooldownMs;
}
