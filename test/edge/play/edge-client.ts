import net from 'node:net';
import tls from 'node:tls';
import { FLAG, FRAME, type Frame, FrameReader, SETTINGS_ACK } from '../../support/http2-frames.ts';
import type { Seen, SeenTls } from '../edge-case.ts';
import { readAnswers } from './read-answers.ts';

/** What a client knows of what it sends. */
export interface ClientTerms {
  /** Methods of the requests, in order; GET where there is none. */
  readonly methods: readonly string[];
  readonly isHttp2?: boolean;
}

/** A client that keeps all that comes. */
export class EdgeClient {
  touchedAt = performance.now();
  readonly #socket: net.Socket;
  readonly #terms: ClientTerms;
  readonly #since = performance.now();
  readonly #reader = new FrameReader();
  readonly #frames: Frame[] = [];
  #pieces: string[] = [];
  #text = '';
  #tls: SeenTls | null = null;
  #end: Seen['end'] = 'open';
  #answeredMs: number | null = null;
  #endedMs: number | null = null;

  private constructor(socket: net.Socket, terms: ClientTerms) {
    this.#socket = socket;
    this.#terms = terms;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('end', () => this.#over('end'));
    socket.on('error', () => this.#over('reset'));
    socket.on('close', () => this.#over('reset'));
  }

  static connect(port: number, methods: readonly string[]): Promise<EdgeClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new EdgeClient(socket, { methods }));
      });
    });
  }

  /** Also where no handshake comes about: then that is what was seen. */
  static connectTls(options: tls.ConnectionOptions, terms: ClientTerms): Promise<EdgeClient> {
    let socket: tls.TLSSocket;
    try {
      socket = tls.connect({ host: '127.0.0.1', rejectUnauthorized: false, ...options });
    } catch (error) {
      return Promise.resolve(EdgeClient.#withoutTls(terms, error as NodeJS.ErrnoException));
    }
    const client = new EdgeClient(socket, terms);
    return new Promise((resolve) => {
      const done = (fault: string | null): void => {
        if (client.#tls !== null) return;
        client.#tls = { version: socket.getProtocol(), protocol: socket.alpnProtocol || null, fault };
        resolve(client);
      };
      socket.once('secureConnect', () => done(null));
      socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
      socket.once('close', () => done('closed'));
    });
  }

  /** This Node knows none of the ciphers that were to be offered. */
  static #withoutTls(terms: ClientTerms, { code, message }: NodeJS.ErrnoException): EdgeClient {
    const client = new EdgeClient(new net.Socket().destroy(), terms);
    client.#tls = { version: null, protocol: null, fault: code ?? message };
    return client;
  }

  get isOver(): boolean {
    return this.#end !== 'open';
  }

  send(bytes: string | Buffer): void {
    if (!this.#socket.destroyed) {
      if (typeof bytes === 'string') this.#socket.write(bytes, 'latin1');
      else this.#socket.write(bytes);
    }
    this.touchedAt = performance.now();
  }

  leave(how: 'end' | 'reset'): void {
    if (how === 'end') this.#socket.end();
    else this.#socket.destroy();
  }

  seen(): Omit<Seen, 'requests'> {
    if (this.#pieces.length > 0) this.#text += this.#pieces.splice(0).join('');
    const read =
      this.#terms.isHttp2 === true
        ? { answers: [], rest: '' }
        : readAnswers(this.#text, { methods: this.#terms.methods, isOver: this.#end === 'end' });
    const times = { answeredMs: this.#answeredMs, endedMs: this.#endedMs };
    return { ...read, ...times, end: this.#end, tls: this.#tls, frames: this.#frames };
  }

  destroy(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.on('error', () => {});
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.touchedAt = performance.now();
    this.#answeredMs ??= performance.now() - this.#since;
    if (this.#terms.isHttp2 !== true) {
      this.#pieces.push(bytes.toString('latin1'));
      return;
    }
    for (const frame of this.#reader.take(bytes)) {
      this.#frames.push(frame);
      if (frame.type === FRAME.settings && (frame.flags & FLAG.ack) === 0) this.send(SETTINGS_ACK);
    }
  }

  #over(how: 'end' | 'reset'): void {
    if (this.#end !== 'open') return;
    this.#end = how;
    this.#endedMs = performance.now() - this.#since;
    this.touchedAt = performance.now();
  }
}
