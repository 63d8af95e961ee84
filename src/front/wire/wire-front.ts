import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Front, FrontLimits, FrontOptions } from '../../model/exchange.ts';
import { peerOf } from '../client-connection.ts';
import { CLIENT_SOCKETS, isGone } from '../client-socket.ts';
import { ClientReader, READ_BYTES } from './client-reader.ts';
import { WireConnection, type WireContext } from './wire-connection.ts';

/**
 * The wire front: HTTP/1.1 read straight off sockets, strictly, with nothing made per request that need not be.
 *
 *   socket ─▶ WireConnection ─▶ RequestParser ─▶ admit ─┬▶ WireExchange ─▶ handler
 *                                                       └▶ Refusal ─▶ lingering close
 */
export async function createWireFront(options: FrontOptions): Promise<Front> {
  return new WireFront(options);
}

/** How long a connection that idles when the drain begins may still bring a request that was on its way, ms. */
const DRAIN_IDLE_MS = 500;
const DRAIN_CHECK_MS = 50;

class WireFront implements Front, WireContext {
  readonly options: FrontOptions;
  isDraining = false;
  readonly #server: Server;
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #open = new Set<WireConnection>();
  readonly #perAddress = new Map<string, number>();
  #emptied: (() => void)[] = [];
  #timers: NodeJS.Timeout[] = [];

  constructor(options: FrontOptions) {
    this.options = options;
    this.#server = createServer({ pauseOnConnect: true, ...CLIENT_SOCKETS }, (socket) =>
      this.#accept(socket),
    );
  }

  get connections(): number {
    return this.#open.size;
  }

  listen(host: string, port: number): Promise<{ address: string; port: number }> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        // An accept that fails (no descriptors left) costs that connection; the next ones are accepted again.
        server.on('error', (error) =>
          this.options.logger.error({ err: error }, 'a connection could not be accepted'),
        );
        this.#every(checkMs(this.options.limits), () => this.#sweep());
        const bound = server.address() as AddressInfo;
        resolve({ address: bound.address, port: bound.port });
      });
    });
  }

  drain(): Promise<void> {
    this.isDraining = true;
    this.#server.close();
    const from = performance.now() + DRAIN_IDLE_MS;
    this.#every(DRAIN_CHECK_MS, () => {
      if (performance.now() < from) return;
      for (const connection of this.#open) if (connection.isIdle) connection.closeLingering();
    });
    return this.#empty();
  }

  close(): Promise<void> {
    this.isDraining = true;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { socket } of this.#open) socket.destroy();
    return closed.then(() => this.#empty());
  }

  closed(connection: WireConnection): void {
    this.#open.delete(connection);
    const { address } = connection.peer;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
    if (this.#open.size === 0) for (const resolve of this.#emptied.splice(0)) resolve();
  }

  /** Resolves when no connection is open. */
  #empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  #accept(socket: Socket): void {
    if (isGone(socket)) {
      socket.destroy();
      return;
    }
    const { maxConnections, maxConnectionsPerAddress } = this.options.limits;
    const peer = peerOf(socket);
    const ofAddress = (this.#perAddress.get(peer.address) ?? 0) + 1;
    const isTooMany =
      (maxConnections > 0 && this.#open.size >= maxConnections) ||
      (maxConnectionsPerAddress > 0 && ofAddress > maxConnectionsPerAddress);
    if (isTooMany) {
      this.#turnAway(socket, peer);
      return;
    }
    this.#perAddress.set(peer.address, ofAddress);
    this.#open.add(new WireConnection(new ClientReader(socket, this.#readBuffer), peer, this));
  }

  /** Without an answer, which a flood would only be fed by; but counted. */
  #turnAway(socket: Socket, peer: WireConnection['peer']): void {
    socket.on('error', () => {});
    socket.destroy();
    const { newRequestId, logger } = this.options;
    const request = { method: null, target: null, userAgent: null };
    const rejection = { failure: 'over_capacity', peer, requestId: newRequestId(), ...request } as const;
    try {
      this.options.onRejected({ ...rejection, startedAt: performance.now() });
    } catch (error) {
      logger.error({ err: error }, 'a rejection could not be reported');
    }
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#open) {
      if (connection.deadline <= now) connection.expire();
      else connection.probe();
    }
  }

  #every(ms: number, check: () => void): void {
    const timer = setInterval(check, ms);
    timer.unref();
    this.#timers.push(timer);
  }
}

/** How often deadlines are looked at: limits are kept to a fifth of the shortest, and to a second. */
function checkMs({ headerTimeoutMs, bodyTimeoutMs, keepAliveMs }: FrontLimits): number {
  const shortest = Math.min(...[headerTimeoutMs, bodyTimeoutMs, keepAliveMs].filter((ms) => ms > 0), 5000);
  return Math.max(20, shortest / 5);
}
