import net from 'node:net';
import { type FuzzReply, TAG, tagOf } from './fuzz-case.ts';
import { type Ended, readAnswers } from './reference-answers.ts';
import { Malformed, Unfinished, valuesOf } from './reference-fields.ts';
import { type ReferenceRequest, readHead, readRequest } from './reference-requests.ts';

/**
 * A backend that reads what it is asked by the reference, and does with each request what the case that it belongs to
 * says. Cases run side by side through one router: the client's address, which proxies pass on as X-Real-IP whatever a
 * request says, tells them apart.
 */

/** What one request met. */
export interface FuzzRecord {
  readonly serial: number;
  readonly reply: FuzzReply;
  /** As far as it was read; its body grows until it is whole. */
  request: ReferenceRequest;
  isWhole: boolean;
  /** Bytes of the answer, and how it ended. */
  sent: string;
  ended: Ended;
  /** What came after a 101. */
  tunnel: string;
  /**
   * It came on a connection on which bytes were that nobody had asked for, so shortly after them that the proxy need not
   * have seen them: its answer may be anything.
   */
  readonly isPoisoned: boolean;
}

/** What belongs to one case. */
export class FuzzLane {
  readonly records: FuzzRecord[] = [];
  readonly #replies: readonly FuzzReply[];

  constructor(replies: readonly FuzzReply[]) {
    this.#replies = replies;
  }

  get nextReply(): FuzzReply {
    const heard = this.records.filter(({ isPoisoned }) => !isPoisoned).length;
    return this.#replies[heard] ?? OK;
  }
}

const OK: FuzzReply = {
  name: '200',
  pieces: [`HTTP/1.1 200 OK\r\nX-Tag: ${TAG}\r\nContent-Length: 10\r\n\r\n${TAG}`],
  when: 'body',
  after: 'keep',
};

const LATE = 'HTTP/1.1 200 OK\r\nX-Tag: late\r\nContent-Length: 4\r\n\r\nlate';
const LATE_MS = 2;
const TICK_MS = 10;
/** A proxy that uses a connection so long after bytes that nobody asked for has not looked. */
const SEEN_MS = 500;
/** A tunnel in which nothing moves for so long is over: what the client sends last may be lost in what it sent before. */
const STILL_MS = 700;

/** Listens on a free port of 127.0.0.1. */
export class FuzzBackend {
  /** By the client's address. */
  readonly lanes = new Map<string, FuzzLane>();
  /** What no proxy may send: bytes that are no request, a client that nobody knows. */
  readonly faults: string[] = [];
  serial = 0;
  /** Time in which this process did not stand still: what is read after a stall may have come at its beginning. */
  awakeMs = 0;
  readonly #clock = setInterval(() => {
    this.awakeMs += TICK_MS;
  }, TICK_MS).unref();
  readonly sockets = new Set<net.Socket>();
  readonly #server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    this.sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
    new BackendConnection(socket, this);
  });

  static async start(): Promise<FuzzBackend> {
    const backend = new FuzzBackend();
    await new Promise<void>((resolve) =>
      backend.#server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve),
    );
    return backend;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  async stop(): Promise<void> {
    clearInterval(this.#clock);
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

class BackendConnection {
  readonly #socket: net.Socket;
  readonly #backend: FuzzBackend;
  #bytes = '';
  #record: FuzzRecord | null = null;
  #hasAnswered = false;
  #isTunnel = false;
  #isDeaf = false;
  #previous: FuzzRecord | null = null;
  #newest: FuzzRecord | null = null;
  #wroteAt = 0;
  #isLate = false;
  #isRestRead = false;
  #still: NodeJS.Timeout | null = null;

  constructor(socket: net.Socket, backend: FuzzBackend) {
    this.#socket = socket;
    this.#backend = backend;
    socket.setEncoding('latin1').on('data', (text: string) => this.#take(text));
    socket.on('end', () => {
      if (this.#isTunnel || this.#isDeaf || this.#record === null || this.#hasAnswered) socket.end();
    });
  }

  #take(text: string): void {
    const record = this.#record;
    if (this.#isDeaf) {
      this.#recordUnheard(text);
      return;
    }
    if (this.#isTunnel && record !== null) {
      record.tunnel += text;
      this.#still?.refresh();
      this.#socket.write(text, 'latin1');
      if (record.tunnel.includes('GET /last ')) this.#socket.end();
      return;
    }
    this.#bytes += text;
    this.#read();
  }

  /** A request that came behind an answer that ends the connection: if more than that was written, it may be read as its answer. */
  #recordUnheard(text: string): void {
    const said = this.#record ?? this.#previous;
    this.#bytes += text;
    if (said?.reply.name.includes(',') !== true) return;
    try {
      // The rest of a body whose answer was early comes first.
      if (!said.isWhole && !this.#isRestRead) this.#bytes = this.#bytes.slice(readRequest(this.#bytes).end);
      this.#isRestRead = true;
      const request = readHead(this.#bytes, 0);
      this.#bytes = '';
      const lane = this.#backend.lanes.get(valuesOf(request.fields, 'x-real-ip')[0] ?? '');
      const reply = OK;
      const unheard = {
        reply,
        request,
        isWhole: false,
        sent: '',
        ended: 'open',
        tunnel: '',
        isPoisoned: true,
      } as const;
      lane?.records.push({ serial: ++this.#backend.serial, ...unheard });
    } catch (error) {
      if (!(error instanceof Unfinished || error instanceof Malformed)) throw error;
    }
  }

  #read(): void {
    try {
      while (this.#bytes !== '') {
        if (this.#record === null) this.#begin(readHead(this.#bytes, 0));
        if (this.#isDeaf) return;
        const record = this.#record as unknown as FuzzRecord;
        if (!this.#isComplete(record)) return;
        if (this.#isDeaf || this.#isTunnel) return;
      }
    } catch (error) {
      if (error instanceof Unfinished) return;
      if (!(error instanceof Malformed)) throw error;
      this.#backend.faults.push(`${error.message} in ${JSON.stringify(this.#bytes.slice(0, 500))}`);
      this.#socket.destroy();
    }
  }

  #begin(request: ReferenceRequest): void {
    const lane = this.#backend.lanes.get(valuesOf(request.fields, 'x-real-ip')[0] ?? '');
    if (lane === undefined) throw new Malformed('nobody’s request');
    const reply = lane.nextReply;
    const serial = ++this.#backend.serial;
    const isPoisoned = this.#isPoisoned();
    if (isPoisoned && this.#backend.awakeMs - this.#wroteAt > SEEN_MS)
      this.#backend.faults.push(
        `a connection was used again though there was more than an answer on it: ${JSON.stringify(this.#previous?.sent.slice(0, 500))}`,
      );
    this.#record = {
      serial,
      reply,
      request,
      isWhole: false,
      sent: '',
      ended: 'open',
      tunnel: '',
      isPoisoned,
    };
    this.#hasAnswered = false;
    this.#newest = this.#record;
    lane.records.push(this.#record);
    if (valuesOf(request.fields, 'expect')[0]?.toLowerCase() === '100-continue')
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    if (isPoisoned) {
      // What follows on it would be one answer late, each by the fault of this end.
      this.#isDeaf = true;
      this.#socket.destroy();
    } else if (reply.when === 'head') this.#answer(this.#record);
  }

  /** More was written than the answer to the request before. */
  #isPoisoned(): boolean {
    const previous = this.#previous;
    if (previous === null) return false;
    if (this.#isLate) return true;
    if (!previous.reply.name.includes(',')) return false;
    const { answers, rest } = readAnswers(previous.sent, [previous.request.method], 'open');
    return answers.length > 1 || rest !== '';
  }

  /** Reads the body as far as it is there; answers when it is whole. */
  #isComplete(record: FuzzRecord): boolean {
    const bytes = this.#bytes;
    try {
      record.request = readRequest(bytes);
    } catch (error) {
      if (error instanceof Unfinished) record.request = partOf(bytes);
      throw error;
    }
    record.isWhole = true;
    this.#bytes = bytes.slice(record.request.end);
    if (record.reply.when === 'body') this.#answer(record);
    this.#previous = record;
    this.#record = this.#isTunnel || this.#isDeaf ? record : null;
    return true;
  }

  #answer(record: FuzzRecord): void {
    const { pieces, after } = record.reply;
    this.#hasAnswered = true;
    const tag = tagOf(record.serial);
    const isHead = record.request.method === 'HEAD';
    const written = isHead ? [headOnly(pieces.join(''))] : pieces;
    this.#isDeaf = after === 'end' || after === 'reset' || after === 'silence';
    if (after === 'tunnel') {
      this.#isTunnel = true;
      this.#still = setTimeout(() => this.#socket.end(), STILL_MS);
      record.tunnel = this.#bytes;
    }
    this.#write(record, marked(written, tag), 0);
  }

  #write(record: FuzzRecord, pieces: readonly string[], from: number): void {
    // What would come now behind a whole answer would stand for the answer to a request that is already here.
    if (this.#newest !== record) return;
    const piece = pieces[from] as string;
    record.sent += piece;
    this.#wroteAt = this.#backend.awakeMs;
    this.#socket.write(piece, 'latin1');
    if (from + 1 < pieces.length) setImmediate(() => this.#write(record, pieces, from + 1));
    else this.#end(record);
  }

  #end(record: FuzzRecord): void {
    const { after } = record.reply;
    const socket = this.#socket;
    if (after === 'end') {
      record.ended = 'end';
      socket.end();
    } else if (after === 'reset') {
      record.ended = 'reset';
      // Bytes before a reset are lost unless they were read.
      setTimeout(() => socket.resetAndDestroy(), LATE_MS);
    } else if (after === 'late') setTimeout(() => this.#writeLate(record), LATE_MS);
    else if (after === 'tunnel' && record.tunnel !== '') socket.write(record.tunnel, 'latin1');
  }

  /** Bytes that nobody asked for, unless somebody has asked by now. */
  #writeLate(record: FuzzRecord): void {
    if (this.#previous !== record || this.#record !== null || this.#bytes !== '' || !this.#socket.writable)
      return;
    this.#isLate = true;
    this.#wroteAt = this.#backend.awakeMs;
    this.#socket.write(LATE);
  }
}

/** A request whose body is not whole, with what is there of it. */
function partOf(bytes: string): ReferenceRequest {
  const request = readHead(bytes, 0);
  const part = { ...request, body: '' };
  const isChunked = valuesOf(request.fields, 'transfer-encoding').length > 0;
  if (!isChunked) part.body = bytes.slice(request.end);
  else
    for (let at = request.end; ; ) {
      const line = /^([0-9a-fA-F]+)\r\n/.exec(bytes.slice(at, at + 20));
      if (line === null) break;
      const size = Number.parseInt(line[1] as string, 16);
      at += line[0].length;
      part.body += bytes.slice(at, at + size);
      at += size + 2;
    }
  return part;
}

/** The pieces with the exchange's mark, which may be cut by them. */
function marked(pieces: readonly string[], tag: string): string[] {
  const bytes = pieces.join('').replaceAll(TAG, tag);
  let at = 0;
  return pieces.map(({ length }) => {
    at += length;
    return bytes.slice(at - length, at);
  });
}

/** An answer without its body, as it is to HEAD. */
function headOnly(answer: string): string {
  for (let at = 0; ; ) {
    const end = answer.indexOf('\r\n\r\n', at);
    if (end === -1) return answer;
    if (!/^HTTP\/1\.1 1/.test(answer.slice(at, at + 10))) return answer.slice(0, end + 4);
    at = end + 4;
  }
}
