import net from 'node:net';
import tls from 'node:tls';
import { allValues, firstValue } from '../../src/model/header-list.ts';
import { ByteReader, ClosedEarly } from './byte-reader.ts';
import { readChunked, readFields } from './raw-message.ts';

/** A 1xx that came before an answer. */
export interface Informational {
  readonly status: number;
  readonly reason: string;
  readonly headers: string[];
}

/** An answer as its bytes were: nothing joined, nothing lower-cased. */
export interface RawAnswer {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** Flat: name, value, … in order. */
  readonly headers: string[];
  readonly body: Buffer;
  readonly text: string;
  /** Sizes of the chunks as they were framed; empty unless chunked. */
  readonly chunks: readonly number[];
  readonly trailers: string[];
  readonly informational: Informational[];
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  /** False: the connection ended before the body did. */
  readonly complete: boolean;
  /** How the connection ended, where its end was the body's, or came too early. */
  readonly reset: boolean;
  /** First value by lower-case name. */
  header(lowerName: string): string | undefined;
  headerValues(lowerName: string): string[];
}

/** Where to connect: a port on 127.0.0.1, or `http://host:port`; `https` speaks TLS. */
export type Address = number | string;

function locate(address: Address): { port: number; host: string } {
  if (typeof address === 'number') return { port: address, host: '127.0.0.1' };
  const url = new URL(address.includes('://') ? address : `http://${address}`);
  return { port: Number(url.port), host: url.hostname };
}

/**
 * A client that sends exactly the bytes it is given and shows exactly the bytes that come back. Strings are latin1.
 */
export class RawClient {
  readonly socket: net.Socket;
  readonly reader: ByteReader;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    this.reader = new ByteReader(socket);
  }

  /** Connects. The socket stays half open after the other end's FIN, so that what it still takes can be seen. */
  static connect(address: Address): Promise<RawClient> {
    if (typeof address === 'string' && address.startsWith('https:')) return RawClient.connectTls(address);
    return new Promise((resolve, reject) => {
      const socket = net.connect({ ...locate(address), allowHalfOpen: true });
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  /** The same through TLS, whoever the other end is; `options` as for `tls.connect`. */
  static connectTls(address: Address, options: tls.ConnectionOptions = {}): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const raw = net.connect({ ...locate(address), allowHalfOpen: true });
      raw.setNoDelay(true);
      raw.once('error', reject);
      const socket = tls.connect({ rejectUnauthorized: false, ...options, socket: raw });
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        socket.removeListener('error', reject);
        // A TLS socket cannot be reset by itself.
        socket.resetAndDestroy = () => {
          raw.resetAndDestroy();
          return socket;
        };
        resolve(new RawClient(socket));
      });
    });
  }

  send(bytes: string | Buffer): boolean {
    return typeof bytes === 'string' ? this.socket.write(bytes, 'latin1') : this.socket.write(bytes);
  }

  /** Sends all of it, waiting whenever the other end does not take more. Stops early if the connection goes. */
  async sendSlowly(pieces: Iterable<Buffer | string>): Promise<void> {
    for (const piece of pieces) {
      if (this.socket.destroyed) return;
      if (!this.send(piece)) {
        await new Promise<void>((resolve) => {
          const go = (): void => {
            this.socket.off('drain', go);
            this.socket.off('close', go);
            resolve();
          };
          this.socket.once('drain', go);
          this.socket.once('close', go);
        });
      }
    }
  }

  /** Status line and fields of the next head, 1xx included. */
  async readHead(): Promise<{ version: string; status: number; reason: string; headers: string[] }> {
    const line = await this.reader.line();
    const match = /^(HTTP\/\d\.\d) (\d{3}) (.*)$/s.exec(line);
    if (match === null) throw new Error(`not a status line: ${JSON.stringify(line)}`);
    return {
      version: match[1]!,
      status: Number(match[2]),
      reason: match[3]!,
      headers: await readFields(this.reader),
    };
  }

  /**
   * One whole answer with the 1xx before it. `method` is the request's, since an answer to HEAD has no body.
   * @throws ClosedEarly when the connection ends before the head did.
   */
  async readAnswer(method = 'GET'): Promise<RawAnswer> {
    const informational: Informational[] = [];
    let head = await this.readHead();
    while (head.status < 200 && head.status !== 101) {
      informational.push(head);
      head = await this.readHead();
    }
    return { ...head, informational, ...(await this.#readBody(head, method)), ...lookups(head.headers) };
  }

  /** Whether the connection ended, reading off what still comes. */
  closed(): Promise<'end' | 'reset'> {
    return this.reader.closed();
  }

  /** FIN. */
  end(): void {
    this.socket.end();
  }

  /** RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #readBody(head: { status: number; headers: string[] }, method: string): Promise<Body> {
    const pieces: Buffer[] = [];
    const chunks: number[] = [];
    const framing = framingOf(head, method);
    const done = (complete: boolean, trailers: string[], reset = false): Body => {
      const body = Buffer.concat(pieces);
      return { body, text: body.toString('latin1'), chunks, trailers, framing, complete, reset };
    };
    if (framing === 'none') return done(true, []);
    try {
      if (framing === 'length') {
        pieces.push(await this.reader.exactly(Number(firstValue(head.headers, 'content-length'))));
        return done(true, []);
      }
      if (framing === 'close') {
        pieces.push(await this.reader.rest());
        return done(!this.reader.wasReset, [], this.reader.wasReset);
      }
      const { trailers } = await readChunked(this.reader, (chunk) => {
        pieces.push(chunk);
        chunks.push(chunk.length);
      });
      return done(true, trailers);
    } catch (error) {
      if (!(error instanceof ClosedEarly)) throw error;
      if (framing === 'length') pieces.push(error.partial);
      return done(false, [], error.reset);
    }
  }
}

type Body = Pick<RawAnswer, 'body' | 'text' | 'chunks' | 'trailers' | 'framing' | 'complete' | 'reset'>;

function framingOf(head: { status: number; headers: string[] }, method: string): RawAnswer['framing'] {
  if (method === 'HEAD' || head.status === 204 || head.status === 304 || head.status === 101) return 'none';
  if (firstValue(head.headers, 'transfer-encoding') !== undefined) return 'chunked';
  return firstValue(head.headers, 'content-length') !== undefined ? 'length' : 'close';
}

function lookups(headers: string[]): Pick<RawAnswer, 'header' | 'headerValues'> {
  return {
    header: (lowerName) => firstValue(headers, lowerName),
    headerValues: (lowerName) => allValues(headers, lowerName),
  };
}

/** One request on a connection of its own: sends the bytes, reads one answer, closes. */
export async function ask(address: Address, bytes: string | Buffer, method?: string): Promise<RawAnswer> {
  const client = await RawClient.connect(address);
  try {
    client.send(bytes);
    return await client.readAnswer(method ?? /^\S+/.exec(bytes.toString('latin1'))?.[0]);
  } finally {
    client.destroy();
  }
}

/** A GET with `Host: shop` and further header lines, as bytes. */
export function get(target: string, lines: readonly string[] = []): string {
  return ['GET ', target, ' HTTP/1.1\r\nHost: shop\r\n', ...lines.map((line) => `${line}\r\n`), '\r\n'].join(
    '',
  );
}

/** A POST with a Content-Length body. */
export function post(target: string, body: string, lines: readonly string[] = []): string {
  const all = ['Host: shop', `Content-Length: ${Buffer.byteLength(body, 'latin1')}`, ...lines];
  return `POST ${target} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`;
}
