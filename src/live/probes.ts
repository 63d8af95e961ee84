/**
 * Asks endpoints that refuse connections for one, every 100 ms, until they accept: a container that is back should be
 * used at once, and finding that out should cost no request. TCP only: what it says about itself is for its checks.
 */
import { connect } from 'node:net';
import type { LiveEndpoint } from './live-endpoint.ts';

const EVERY_MS = 100;
/** A host that drops packets is asked again after this. */
const CONNECT_MS = 1_000;

/** What became of one try: null for a fault of our own, which says nothing of the endpoint. */
export type ProbeResult = 'accepted' | 'connect_refused' | 'connect_timeout' | null;

/** Asks an address for a connection. Returns how to give up. */
export type AskForConnection = (
  endpoint: { readonly address: string; readonly port: number },
  done: (result: ProbeResult) => void,
) => () => void;

/** Probing under way; one try at a time for each endpoint. */
export class Probes {
  readonly #running = new Map<LiveEndpoint, () => void>();
  readonly #ask: AskForConnection;
  readonly #time: () => number;

  /** @param time Wall clock, ms. */
  constructor(ask: AskForConnection, time: () => number) {
    this.#ask = ask;
    this.#time = time;
  }

  /** Begins, unless it has begun, if the endpoint wants it; ends by itself. */
  follow(endpoint: LiveEndpoint): void {
    if (!endpoint.wantsProbes || endpoint.removed || this.#running.has(endpoint)) return;
    this.#later(endpoint, endpoint.isUnsure ? 0 : EVERY_MS);
  }

  close(): void {
    for (const stop of this.#running.values()) stop();
    this.#running.clear();
  }

  #later(endpoint: LiveEndpoint, ms = EVERY_MS): void {
    endpoint.nextProbeAt = this.#time() + ms;
    const timer = setTimeout(() => this.#probe(endpoint), ms).unref();
    this.#running.set(endpoint, () => clearTimeout(timer));
  }

  #probe(endpoint: LiveEndpoint): void {
    if (this.#isOver(endpoint)) return;
    const stop = this.#ask(endpoint, (result) => this.#heard(endpoint, result));
    this.#running.set(endpoint, stop);
  }

  #heard(endpoint: LiveEndpoint, result: ProbeResult): void {
    if (this.#isOver(endpoint)) return;
    if (result === 'accepted') endpoint.accepted();
    else if (result !== null) endpoint.failed(result, endpoint.epoch);
    if (!this.#isOver(endpoint)) this.#later(endpoint);
  }

  #isOver(endpoint: LiveEndpoint): boolean {
    if (endpoint.wantsProbes && !endpoint.removed) return false;
    endpoint.nextProbeAt = null;
    this.#running.delete(endpoint);
    return true;
  }
}

const OUR_OWN: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'EADDRNOTAVAIL']);

/** A TCP connection, let go of as soon as it is there. */
export const askByTcp: AskForConnection = ({ address, port }, done) => {
  const socket = connect({ host: address, port });
  const end = (result: ProbeResult): void => {
    clearTimeout(timer);
    socket.removeAllListeners();
    // A late error of a socket that nobody waits for must not become an uncaught exception.
    socket.on('error', () => {});
    socket.destroy();
    done(result);
  };
  const timer = setTimeout(() => end('connect_timeout'), CONNECT_MS).unref();
  socket.once('connect', () => end('accepted'));
  socket.once('error', ({ code }: NodeJS.ErrnoException) => end(OUR_OWN.has(code) ? null : refusal(code)));
  return () => {
    clearTimeout(timer);
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
  };
};

function refusal(code: string | undefined): ProbeResult {
  return code === 'ETIMEDOUT' ? 'connect_timeout' : 'connect_refused';
}
