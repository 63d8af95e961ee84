import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { CertificateSet } from '../../model/certificate.ts';
import type { FrontOptions, SecureFront } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import type { Peer } from '../../model/request.ts';
import { CLIENT_SOCKETS, isGone, peerOf } from '../client-socket.ts';
import { checkMs, inTime } from '../deadlines.ts';
import type { Held } from '../held.ts';
import type { Http2Server } from '../http2-port.ts';
import type { Handshake } from '../tls/handshake.ts';
import { plainAnswer } from '../tls/plain-answer.ts';
import { TlsDoor } from '../tls/tls-door.ts';
import { TlsReader } from '../tls/tls-reader.ts';
import { ClientReader, READ_BYTES } from './client-reader.ts';
import { OldestFirst } from './oldest-first.ts';
import { WireConnection, type WireContext } from './wire-connection.ts';

/**
 * The wire front: HTTP/1.1 read straight off sockets, strictly, with nothing made per request that need not be.
 *
 *   socket ─▶ WireConnection ─▶ RequestParser ─▶ admit ─┬▶ WireExchange ─▶ handler
 *                                                       └▶ Refusal ─▶ lingering close
 *
 *   socket of the TLS port ─▶ Handshake ─┬ http/1.1 ─▶ WireConnection, as above
 *                                        └ h2 ─▶ Http2Server
 */
export async function createWireFront(
  options: FrontOptions,
  http2: Http2Server | null = null,
): Promise<SecureFront> {
  return new WireFront(options, http2);
}

/** How long a connection that idles when the drain begins may still bring a request that was on its way, ms. */
const DRAIN_IDLE_MS = 500;
const DRAIN_CHECK_MS = 50;

class WireFront implements SecureFront, WireContext {
  readonly options: FrontOptions;
  isDraining = false;
  readonly #http2: Http2Server | null;
  readonly #server: Server;
  readonly #tlsServer: Server;
  readonly #door: TlsDoor;
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #open = new Set<Held>();
  readonly #oldestFirst = new OldestFirst(this.#open);
  readonly #perAddress = new Map<string, number>();
  #emptied: (() => void)[] = [];
  #timers: NodeJS.Timeout[] = [];

  constructor(options: FrontOptions, http2: Http2Server | null) {
    this.options = options;
    this.#http2 = http2;
    this.#server = createServer({ pauseOnConnect: true, ...CLIENT_SOCKETS }, (socket) =>
      this.#accept(socket),
    );
    this.#tlsServer = createServer(CLIENT_SOCKETS, (socket) => this.#acceptTls(socket));
    this.#door = new TlsDoor({
      protocols: http2 === null ? ['http/1.1'] : ['h2', 'http/1.1'],
      secured: (handshake, socket) => this.#secured(handshake, socket),
      told: {
        failed: ({ peer }) => this.#reject('tls_handshake', peer),
        closed: (handshake) => this.closed(handshake),
        plainAnswer: () => plainAnswer(options.newRequestId()),
      },
    });
  }

  get connections(): number {
    return this.#open.size;
  }

  listen(host: string, port: number): Promise<{ address: string; port: number }> {
    this.#every(checkMs(this.options.limits), () => this.#sweep());
    return this.#bind(this.#server, host, port);
  }

  listenTls(host: string, port: number): Promise<{ address: string; port: number }> {
    return this.#bind(this.#tlsServer, host, port);
  }

  useCertificates(set: CertificateSet): void {
    this.#door.use(set);
  }

  #bind(server: Server, host: string, port: number): Promise<{ address: string; port: number }> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        // An accept that fails (no descriptors left) costs that connection; the next ones are accepted again.
        server.on('error', (error) =>
          this.options.logger.error({ err: error }, 'a connection could not be accepted'),
        );
        const bound = server.address() as AddressInfo;
        resolve({ address: bound.address, port: bound.port });
      });
    });
  }

  drain(): Promise<void> {
    this.isDraining = true;
    for (const server of [this.#server, this.#tlsServer]) server.close();
    this.#http2?.drain();
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
    const closed = [this.#server, this.#tlsServer].map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const { socket } of this.#open) socket.destroy();
    return Promise.all(closed).then(() => this.#empty());
  }

  closed(connection: Held): void {
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
    const peer = this.#admit(socket);
    if (peer === null) return;
    this.#open.add(new WireConnection(new ClientReader(socket, this.#readBuffer), peer, this));
  }

  #acceptTls(socket: Socket): void {
    const peer = this.#admit(socket);
    if (peer === null) return;
    const { headerTimeoutMs, keepAliveMs } = this.options.limits;
    const deadline = inTime(headerTimeoutMs || keepAliveMs);
    this.#open.add(this.#door.begin(socket, { ...peer, secure: true }, deadline));
  }

  /** Whose connection it is, and that it is counted from now on; null: it was turned away. */
  #admit(socket: Socket): Peer | null {
    if (isGone(socket)) {
      socket.destroy();
      return null;
    }
    const { maxConnections, maxConnectionsPerAddress } = this.options.limits;
    const peer = peerOf(socket);
    const ofAddress = (this.#perAddress.get(peer.address) ?? 0) + 1;
    const isTooMany = maxConnectionsPerAddress > 0 && ofAddress > maxConnectionsPerAddress;
    const isFull = maxConnections > 0 && this.#open.size >= maxConnections;
    if (!isTooMany && (!isFull || this.#oldestFirst.makeRoom())) {
      this.#perAddress.set(peer.address, ofAddress);
      return peer;
    }
    // Without an answer, which a flood would only be fed by; but counted.
    socket.on('error', () => {});
    socket.destroy();
    this.#reject('over_capacity', peer);
    return null;
  }

  #secured(handshake: Handshake, socket: TLSSocket): void {
    this.#open.delete(handshake);
    const { peer, socket: raw } = handshake;
    if (this.#http2 === null || socket.alpnProtocol !== 'h2') {
      this.#open.add(new WireConnection(new TlsReader(socket, raw), peer, this));
      return;
    }
    const held = this.#http2.serve(socket, peer);
    this.#open.add(held);
    socket.once('close', () => this.closed(held));
  }

  #reject(failure: Failure, peer: Peer): void {
    const { newRequestId, logger, onRejected } = this.options;
    const request = { method: null, target: null, userAgent: null };
    try {
      onRejected({ failure, peer, requestId: newRequestId(), ...request, startedAt: performance.now() });
    } catch (error) {
      logger.error({ err: error }, 'a rejection could not be reported');
    }
  }

  #sweep(): void {
    const now = performance.now();
    this.#oldestFirst.rest();
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
