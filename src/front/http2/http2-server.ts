import type { Socket } from 'node:net';
import type { FrontOptions } from '../../model/exchange.ts';
import type { Peer } from '../../model/request.ts';
import { checkMs } from '../deadlines.ts';
import type { Held } from '../held.ts';
import type { Http2Server } from '../http2-port.ts';
import { Http2Connection, type Http2Context } from './http2-connection.ts';

/** How long after the first GOAWAY a stream that was on its way is still taken, ms. */
const DRAIN_IDLE_MS = 500;

/** Serves connections that speak HTTP/2, whoever accepted them. */
export function createHttp2Server(options: FrontOptions): Http2Server {
  return new ConnectionServer(options);
}

class ConnectionServer implements Http2Server, Http2Context {
  readonly options: FrontOptions;
  readonly #open = new Set<Http2Connection>();
  #sweep: NodeJS.Timeout | null = null;
  #drain: 'no' | 'begun' | 'late' = 'no';

  constructor(options: FrontOptions) {
    this.options = options;
  }

  serve(socket: Socket, peer: Peer): Held {
    const connection = new Http2Connection(socket, peer, this);
    this.#open.add(connection);
    this.#sweep ??= setInterval(() => this.#expire(), checkMs(this.options.limits)).unref();
    if (this.#drain !== 'no') connection.beginDrain();
    if (this.#drain === 'late') setTimeout(() => connection.endDrain(), DRAIN_IDLE_MS).unref();
    return connection;
  }

  drain(): void {
    if (this.#drain !== 'no') return;
    this.#drain = 'begun';
    for (const connection of this.#open) connection.beginDrain();
    setTimeout(() => {
      this.#drain = 'late';
      for (const connection of [...this.#open]) connection.endDrain();
    }, DRAIN_IDLE_MS);
  }

  closed(connection: Http2Connection): void {
    this.#open.delete(connection);
    if (this.#open.size > 0 || this.#sweep === null) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }

  #expire(): void {
    const now = performance.now();
    for (const connection of [...this.#open]) connection.lookAtTime(now);
  }
}
