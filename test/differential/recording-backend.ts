import net from 'node:net';
import { ByteInput } from '../support/byte-input.ts';
import { ByteReader, ClosedEarly } from '../support/byte-reader.ts';
import type { BackendAnswer } from './differential-case.ts';
import { OK } from './draw-answer.ts';

/**
 * A backend that writes down the exact bytes of what it is asked, and does with each request what the case that it
 * belongs to says. Cases run side by side through one router: the address that a client connected from, which the
 * router passes on as X-Real-IP whatever the request says, tells them apart.
 */

/** A request as its bytes were. Strings are latin1. */
export interface BackendRequest {
  readonly id: string;
  /** Up to and with its empty line. */
  readonly head: string;
  /** Without chunked coding. */
  body: string;
  trailers: string;
  /** Its end was seen. */
  isWhole: boolean;
  /** How often it came: more than once only if it was sent again. */
  arrivals: number;
  readonly answer: BackendAnswer;
  /** What came after a 101. */
  tunnel: string;
}

/** What one case's requests met, and left. */
export class BackendLane {
  readonly requests: BackendRequest[] = [];
  /** `performance.now()` when something last happened. */
  touchedAt = performance.now();
  readonly #answers: readonly BackendAnswer[];

  constructor(answers: readonly BackendAnswer[]) {
    this.#answers = answers;
  }

  /** The record of a request whose head came; the same one if it is sent again. */
  came(id: string, head: string): BackendRequest {
    this.touchedAt = performance.now();
    const known = this.requests.find((request) => request.id === id);
    if (known !== undefined) {
      known.arrivals++;
      return known;
    }
    const answer = this.#answers[this.requests.length] ?? OK;
    const request = { id, head, body: '', trailers: '', isWhole: false, arrivals: 1, answer, tunnel: '' };
    this.requests.push(request);
    return request;
  }
}

/** Between two pieces of an answer, ms. */
const GAP_MS = 8;
/** Ends a tunnel: what a client sends last. */
const LAST_OF_TUNNEL = 'GET /last ';

/** Listens on a free port of 127.0.0.1. */
export class RecordingBackend {
  /** By the client's address. */
  readonly lanes = new Map<string, BackendLane>();
  /** What a router must never send: framing that is none, a client that nobody knows. */
  readonly faults: string[] = [];
  readonly #server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
    this.#serve(socket),
  );
  readonly #sockets = new Set<net.Socket>();

  static async start(): Promise<RecordingBackend> {
    const backend = new RecordingBackend();
    await new Promise<void>((resolve) => backend.#server.listen(0, '127.0.0.1', resolve));
    return backend;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    this.#exchanges(socket, new ByteInput(new ByteReader(socket))).catch((error: Error) => {
      if (!(error instanceof ClosedEarly)) this.faults.push(error.message);
      socket.destroy();
    });
  }

  async #exchanges(socket: net.Socket, input: ByteInput): Promise<void> {
    for (;;) {
      const head = await input.until('\r\n\r\n');
      const lane = this.lanes.get(fieldOf(head, 'X-Real-IP'));
      if (lane === undefined) throw new Error(`nobody’s request: ${JSON.stringify(head)}`);
      const request = lane.came(fieldOf(head, 'X-Request-Id'), head);
      const body = readBody(input, request);
      body.catch(() => {});
      if (request.answer.when === 'body') {
        if (/^expect: 100-continue\r$/im.test(head)) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        await body;
      }
      await this.#answer(socket, request, lane);
      if (request.answer.after === 'tunnel') return tunnel(socket, input, request, lane);
      if (request.answer.after !== 'keep') return;
      await body;
    }
  }

  async #answer(socket: net.Socket, request: BackendRequest, lane: BackendLane): Promise<void> {
    const { pieces, after } = request.answer;
    const written =
      request.head.startsWith('HEAD ') && after !== 'reset' ? [headOnly(pieces.join(''))] : pieces;
    for (const [index, piece] of written.entries()) {
      if (index > 0) await pause();
      lane.touchedAt = performance.now();
      socket.write(piece.replaceAll('{port}', String(this.port)), 'latin1');
    }
    if (after === 'end') socket.end();
    if (after !== 'reset') return;
    await pause(); // bytes before a reset are lost unless they were read
    socket.resetAndDestroy();
  }
}

/** The first value of a field that the router sets. */
function fieldOf(head: string, name: string): string {
  return new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1] ?? '';
}

async function readBody(input: ByteInput, request: BackendRequest): Promise<void> {
  if (fieldOf(request.head, 'Transfer-Encoding') === 'chunked') await readChunks(input, request);
  else request.body = await input.take(Number(fieldOf(request.head, 'Content-Length')));
  request.isWhole = true;
}

async function readChunks(input: ByteInput, request: BackendRequest): Promise<void> {
  request.body = '';
  for (;;) {
    const line = await input.until('\r\n');
    if (!/^[0-9a-f]+\r\n$/.test(line)) throw new Error(`no chunk size: ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    if (size === 0) break;
    request.body += await input.take(size);
    if ((await input.take(2)) !== '\r\n') throw new Error('a chunk without its end');
  }
  for (let line = await input.until('\r\n'); line !== '\r\n'; line = await input.until('\r\n'))
    request.trailers += line;
}

/** Says back what comes, until the client sends its last or leaves. */
async function tunnel(
  socket: net.Socket,
  input: ByteInput,
  request: BackendRequest,
  lane: BackendLane,
): Promise<void> {
  try {
    while (!request.tunnel.includes(LAST_OF_TUNNEL)) {
      const bytes = await input.some();
      lane.touchedAt = performance.now();
      request.tunnel += bytes;
      socket.write(bytes, 'latin1');
    }
  } finally {
    socket.end();
  }
}

/** An answer without its body, as it is to HEAD. */
function headOnly(answer: string): string {
  for (let at = 0; ; ) {
    const end = answer.indexOf('\r\n\r\n', at);
    if (end === -1) return answer;
    if (!answer.startsWith('HTTP/1.1 1', at)) return answer.slice(0, end + 4);
    at = end + 4;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, GAP_MS));
}
