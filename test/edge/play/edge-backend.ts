import net from 'node:net';
import { ByteInput } from '../../support/byte-input.ts';
import { ByteReader, ClosedEarly } from '../../support/byte-reader.ts';
import type { Reply, SeenRequest, Side } from '../edge-case.ts';
import { faultOfHead, fieldOf } from './read-head.ts';

/**
 * A backend that writes down what it is asked, byte for byte, reads it as strictly as RFC 9112 lets a server, and answers
 * as the case says. Every connection belongs to the case in which it was opened: what comes late cannot be another's.
 */

/** What backends saw of one case, and how they answer. */
export class CaseRecord {
  readonly requests: Mutable<SeenRequest>[] = [];
  readonly replies: readonly Reply[];
  readonly since = performance.now();
  /** `performance.now()` of the last thing that happened. */
  touchedAt = performance.now();

  constructor(replies: readonly Reply[] = []) {
    this.replies = replies;
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The answer of a backend that was told nothing: each exchange gets a connection of its own, so that cases stay apart. */
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n';

/** How long a proxy has to close what was closed. */
const CLOSING_MS = 300;

/** Listens on a free port of 127.0.0.1. */
export class EdgeBackend {
  record = new CaseRecord();
  readonly #side: Side;
  readonly #sockets = new Set<net.Socket>();
  readonly #server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
    this.#serve(socket, this.record),
  );

  private constructor(side: Side) {
    this.#side = side;
  }

  static async start(side: Side): Promise<EdgeBackend> {
    const backend = new EdgeBackend(side);
    await new Promise<void>((resolve) => backend.#server.listen(0, '127.0.0.1', resolve));
    return backend;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** Ends what earlier cases left open, in the way that lets a proxy drop it: by a FIN, and its answer. */
  async clear(): Promise<void> {
    const closed = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()).end()),
    );
    if (closed.length === 0) return;
    await Promise.race([Promise.all(closed), new Promise((resolve) => setTimeout(resolve, CLOSING_MS))]);
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: net.Socket, record: CaseRecord): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    this.#requests(socket, record).catch((error: Error) => {
      if (!(error instanceof ClosedEarly)) throw error;
      if (!socket.writableEnded) socket.end();
    });
  }

  async #requests(socket: net.Socket, record: CaseRecord): Promise<void> {
    const input = new ByteInput(new ByteReader(socket));
    for (;;) {
      const request = this.#came(await input.until('\r\n\r\n'), record);
      const reply = request.target === '/next' ? undefined : record.replies[record.requests.length - 1];
      const whole = readBody(input, request, record);
      whole.catch(() => {});
      if (/^expect: 100-continue\r$/im.test(request.head) && reply?.when !== 'head')
        socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      if (reply?.when !== 'head') await whole;
      const isTunnel = await answer(socket, request, reply);
      if (isTunnel) return echo({ socket, input, request, record });
      if (socket.writableEnded || socket.destroyed) return drain(input);
      await whole;
    }
  }

  #came(head: string, record: CaseRecord): Mutable<SeenRequest> {
    record.touchedAt = performance.now();
    const [method = '', target = '', version = ''] = head.slice(0, head.indexOf('\r\n')).split(' ');
    const request = {
      ...{ side: this.#side, head, method, target, version, body: '', trailers: '', isWhole: false },
      ...{ fault: faultOfHead(head), tunnel: '', atMs: performance.now() - record.since },
    };
    record.requests.push(request);
    return request;
  }
}

/** Whether the connection is a tunnel from here on. */
async function answer(socket: net.Socket, request: SeenRequest, reply?: Reply): Promise<boolean> {
  if (reply === undefined) {
    socket.end(request.method === 'HEAD' ? OK : `${OK}ok`, 'latin1');
    return false;
  }
  for (const step of reply.says) {
    if (typeof step === 'string') socket.write(step, 'latin1');
    else if ('waitMs' in step) await new Promise((resolve) => setTimeout(resolve, step.waitMs));
    else if (step.act === 'echo') return true;
    else if (step.act === 'end') socket.end();
    else await resetAfterWriting(socket);
  }
  return false;
}

/** Bytes before a reset are lost unless they were read. */
async function resetAfterWriting(socket: net.Socket): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.resetAndDestroy();
}

async function readBody(input: ByteInput, request: Mutable<SeenRequest>, record: CaseRecord): Promise<void> {
  const touch = (): void => {
    record.touchedAt = performance.now();
  };
  if (/^transfer-encoding:/im.test(request.head)) await readChunks(input, request, touch);
  else {
    for (let missing = Number(fieldOf(request.head, 'content-length') ?? 0); missing > 0; ) {
      const piece = await input.upTo(missing);
      request.body += piece;
      missing -= piece.length;
      touch();
    }
  }
  request.isWhole = true;
  touch();
}

async function readChunks(input: ByteInput, request: Mutable<SeenRequest>, touch: () => void): Promise<void> {
  for (;;) {
    const line = await input.until('\n');
    if (!/^[0-9a-f]+\r\n$/i.test(line)) {
      request.fault ??= `a chunk size ${JSON.stringify(line.slice(0, 40))}`;
      return new Promise(() => {});
    }
    const size = Number.parseInt(line, 16);
    if (size === 0) break;
    request.body += await input.take(size);
    touch();
    if ((await input.take(2)) !== '\r\n') request.fault ??= 'a chunk without its end';
  }
  for (let line = await input.until('\n'); line !== '\r\n'; line = await input.until('\n')) {
    if (!line.endsWith('\r\n')) request.fault ??= 'a bare LF in trailers';
    request.trailers += line;
  }
}

/** Says back what comes, until the other end is over. */
async function echo(of: {
  socket: net.Socket;
  input: ByteInput;
  request: Mutable<SeenRequest>;
  record: CaseRecord;
}): Promise<void> {
  try {
    for (;;) {
      const bytes = await of.input.some();
      of.request.tunnel += bytes;
      of.record.touchedAt = performance.now();
      if (bytes.includes('close, please')) of.socket.end();
      else of.socket.write(bytes, 'latin1');
    }
  } finally {
    of.request.tunnel += '<end>';
    of.socket.end();
  }
}

async function drain(input: ByteInput): Promise<void> {
  for (;;) await input.some();
}
