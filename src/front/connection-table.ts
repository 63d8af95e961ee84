import type { Socket } from 'node:net';
import type { FrontLimits } from '../model/exchange.ts';
import { ClientConnection } from './client-connection.ts';
import { isGone } from './client-socket.ts';

/** How long a connection that idles when the drain begins may still bring a request that was on its way, ms. */
const DRAIN_IDLE_MS = 500;
const DRAIN_CHECK_MS = 50;

/** The connections that a front has open. */
export class ConnectionTable {
  readonly #limits: FrontLimits;
  readonly #bySocket = new Map<Socket, ClientConnection>();
  readonly #perAddress = new Map<string, number>();
  #emptied: (() => void)[] = [];
  #sweep: NodeJS.Timeout | null = null;

  constructor(limits: FrontLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#bySocket.size;
  }

  /** The connection of a socket that was opened here. */
  of(socket: unknown): ClientConnection | undefined {
    return this.#bySocket.get(socket as Socket);
  }

  /** Takes up a new socket, unless its address has too many. */
  open(socket: Socket): void {
    if (this.#bySocket.has(socket)) return; // handed to the server again, as a plain request
    if (isGone(socket)) {
      socket.destroy();
      return;
    }
    const connection = new ClientConnection(socket, this.#limits.bodyTimeoutMs);
    const { address } = connection.peer;
    const count = (this.#perAddress.get(address) ?? 0) + 1;
    const most = this.#limits.maxConnectionsPerAddress;
    if (most > 0 && count > most) {
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, count);
    this.#bySocket.set(socket, connection);
    socket.once('close', () => this.#closed(socket, address));
  }

  /** Closes idle connections after a moment, and those that fall idle later. */
  closeIdle(): void {
    const from = performance.now() + DRAIN_IDLE_MS;
    this.#sweep ??= setInterval(() => {
      if (performance.now() < from) return;
      for (const connection of this.#bySocket.values()) if (connection.isIdle) connection.closeLingering();
    }, DRAIN_CHECK_MS);
  }

  /** Destroys every connection. */
  destroyAll(): void {
    for (const socket of this.#bySocket.keys()) socket.destroy();
    if (this.#sweep !== null) clearInterval(this.#sweep);
  }

  /** Resolves when none is open. */
  empty(): Promise<void> {
    if (this.#bySocket.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  #closed(socket: Socket, address: string): void {
    this.#bySocket.delete(socket);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
    if (this.#bySocket.size > 0) return;
    if (this.#sweep !== null) clearInterval(this.#sweep);
    for (const resolve of this.#emptied.splice(0)) resolve();
  }
}
