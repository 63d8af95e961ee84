import net from 'node:net';
import { allValues, firstValue } from '../../src/model/header-list.ts';
import { ByteReader, ClosedEarly } from './byte-reader.ts';
import { readChunked, readFields } from './raw-message.ts';

/** A request as its bytes were when they reached the backend. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Flat: name, value, … in order. */
  readonly headers: string[];
  /** Which connection it came on, from 0; and which request on that connection, from 0. */
  readonly connection: number;
  readonly sequence: number;
  /** Reads the body to its end, once; further calls give the same. @throws ClosedEarly when it is cut short. */
  body(): Promise<Buffer>;
  /** Known once the body was read. */
  readonly trailers: string[];
  /** Body bytes read so far. */
  readonly received: number;
  /** Resolves when the client (the router) has closed this connection, or sent its FIN. */
  readonly gone: Promise<void>;
  header(lowerName: string): string | undefined;
  headerValues(lowerName: string): string[];
}

/** What a script answers with. Strings are latin1. */
export interface RawReply {
  readonly socket: net.Socket;
  readonly reader: ByteReader;
  /** Exactly these bytes. */
  write(bytes: string | Buffer): void;
  /** A whole answer with Content-Length. Header lines as `Name: value`. */
  send(status: number, lines?: readonly string[], body?: string | Buffer): void;
  /** FIN after what was written. */
  end(): void;
  /** RST. */
  reset(): void;
  /** The connection is the script's from here on (a tunnel): no further request is read from it. */
  takeOver(): void;
}

/** Called with each request as soon as its head is there. What it leaves of the body is read off after it. */
export type Script = (request: RawRequest, reply: RawReply) => void | Promise<void>;

/** A backend that answers by script and remembers what it was asked. */
export class RawBackend {
  readonly requests: RawRequest[] = [];
  /** Requests that could not be read, and scripts that threw. */
  readonly faults: Error[] = [];
  connections = 0;
  #script: Script;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  #woken: (() => void)[] = [];

  private constructor(script: Script) {
    this.#script = script;
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#serve(socket));
  }

  /** Listens on 127.0.0.1, or another address of this machine; port 0: any free one. */
  static async start(script: Script, port = 0, host?: string): Promise<RawBackend> {
    const backend = new RawBackend(script);
    await backend.listen(port, host);
    return backend;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections that the router has not closed. */
  get open(): number {
    return [...this.#sockets].filter((socket) => !socket.readableEnded).length;
  }

  /** Answers by another script from the next request on. */
  use(script: Script): void {
    this.#script = script;
  }

  /** Resolves with the request of this index (from 0) as soon as its head is there. */
  async request(index: number): Promise<RawRequest> {
    while (this.requests.length <= index) await new Promise<void>((resolve) => this.#woken.push(resolve));
    return this.requests[index]!;
  }

  /** Listens (again), for a backend that comes back. */
  listen(port: number, host = '127.0.0.1'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host, backlog: 4_096 }, () => {
        this.#server.removeListener('error', reject);
        resolve();
      });
    });
  }

  /** Stops listening; resolves when its last connection is gone. */
  unlisten(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** Resets every connection, and goes on listening. */
  resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: net.Socket): void {
    const connection = this.connections++;
    this.#sockets.add(socket);
    const gone = new Promise<void>((resolve) => {
      socket.once('end', resolve);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        resolve();
      });
    });
    socket.on('error', () => {});
    this.#requests({ socket, connection, gone }).catch((error: Error) => {
      if (!(error instanceof ClosedEarly)) this.faults.push(error);
      if (!socket.writableEnded) socket.end();
    });
  }

  async #requests(from: { socket: net.Socket; connection: number; gone: Promise<void> }): Promise<void> {
    const reader = new ByteReader(from.socket);
    for (let sequence = 0; !from.socket.destroyed; sequence++) {
      const request = await readRequest(reader, { ...from, sequence });
      const reply = new Reply(from.socket, reader);
      this.requests.push(request);
      for (const wake of this.#woken.splice(0)) wake();
      await this.#script(request, reply);
      if (reply.takenOver || from.socket.writableEnded || from.socket.destroyed) return;
      await request.body();
    }
  }
}

class Reply implements RawReply {
  readonly socket: net.Socket;
  readonly reader: ByteReader;
  takenOver = false;

  constructor(socket: net.Socket, reader: ByteReader) {
    this.socket = socket;
    this.reader = reader;
  }

  write(bytes: string | Buffer): void {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1');
    else this.socket.write(bytes);
  }

  send(status: number, lines: readonly string[] = [], body: string | Buffer = ''): void {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
    const all = [`HTTP/1.1 ${status} Status`, ...lines, `Content-Length: ${bytes.length}`];
    this.write(Buffer.concat([Buffer.from(`${all.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]));
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  takeOver(): void {
    this.takenOver = true;
  }
}

interface Origin {
  readonly connection: number;
  readonly sequence: number;
  readonly gone: Promise<void>;
}

async function readRequest(reader: ByteReader, origin: Origin): Promise<RawRequest> {
  const line = await reader.line();
  const match = /^(\S+) (\S+) (HTTP\/\d\.\d)$/.exec(line);
  if (match === null) throw new Error(`not a request line: ${JSON.stringify(line)}`);
  const headers = await readFields(reader);
  const read = { received: 0, trailers: [] as string[] };
  let body: Promise<Buffer> | null = null;
  return {
    method: match[1]!,
    target: match[2]!,
    version: match[3]!,
    headers,
    connection: origin.connection,
    sequence: origin.sequence,
    gone: origin.gone,
    body: () => {
      body ??= readBody(reader, headers, read);
      return body;
    },
    get trailers() {
      return read.trailers;
    },
    get received() {
      return read.received;
    },
    header: (lowerName) => firstValue(headers, lowerName),
    headerValues: (lowerName) => allValues(headers, lowerName),
  };
}

async function readBody(
  reader: ByteReader,
  headers: string[],
  read: { received: number; trailers: string[] },
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const take = (piece: Buffer): void => {
    read.received += piece.length;
    pieces.push(piece);
  };
  if (firstValue(headers, 'transfer-encoding') !== undefined) {
    read.trailers = (await readChunked(reader, take)).trailers;
    return Buffer.concat(pieces);
  }
  let missing = Number(firstValue(headers, 'content-length') ?? 0);
  while (missing > 0) {
    const piece = await reader.upTo(missing);
    missing -= piece.length;
    take(piece);
  }
  return Buffer.concat(pieces);
}
