import type { EndpointStatus } from '../model/backend-status.ts';
import type { Endpoint } from '../model/ports.ts';
import type { BackendUrl } from '../model/route-table.ts';
import { hashText } from './hash-text.ts';

const FIRST_EJECTION_MS = 500;
const LONGEST_EJECTION_MS = 5_000;
/** A connection that fails at all fails within this. */
const TRIAL_MS = 2_000;

/**
 * An endpoint and what is known of it. After a failed connection it is *ejected*: others are preferred, for half a
 * second, doubling up to five while it goes on failing. Then one request tries it; when no failure is heard of that
 * one in two seconds, it is as good as any. Ejected never means unused: with nothing better it is still picked.
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
  /** How many endpoint sets name it. */
  holders = 0;
  #failures = 0;
  #ejectedUntil = 0;
  #onTrial = false;

  /** Its place in the pool. */
  readonly key: string;

  constructor(key: string, backend: string, { url, address }: { url: BackendUrl; address: string }) {
    this.key = key;
    this.backend = backend;
    this.address = address;
    this.port = url.port;
    this.secure = url.secure;
    this.hostname = url.host;
    this.basePath = url.basePath;
    this.hash = hashText(`${address} ${url.port} ${url.basePath}`);
  }

  /** Many requests that fail at the same moment count as one failure. */
  connectFailed(now: number): void {
    if (this.isEjected(now) && !this.#onTrial) return;
    this.#failures++;
    this.#onTrial = false;
    this.#ejectedUntil = now + Math.min(FIRST_EJECTION_MS * 2 ** (this.#failures - 1), LONGEST_EJECTION_MS);
  }

  isEjected(now: number): boolean {
    return this.#failures > 0 && now < this.#ejectedUntil;
  }

  /** It was chosen for an attempt: perhaps as the one that tries whether it is back. */
  picked(now: number): void {
    if (this.#failures === 0 || now < this.#ejectedUntil) return;
    if (this.#onTrial) this.#failures = 0;
    else this.#ejectedUntil = now + TRIAL_MS;
    this.#onTrial = !this.#onTrial;
  }

  status(now: number): EndpointStatus {
    const { address, port, secure, hostname, inFlight } = this;
    return {
      address,
      port,
      secure,
      hostname,
      inFlight,
      state: this.isEjected(now) ? 'ejected' : 'available',
    };
  }

  /** No set names it any more. */
  remove(): void {
    this.removed = true;
    this.onRemoved?.();
  }
}
