import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Front, FrontOptions } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import { keepsConnection } from '../model/message-framing.ts';
import { type Admitted, admit } from './admit.ts';
import type { ClientConnection } from './client-connection.ts';
import { type ReadError, readFailure, requestLine } from './client-error.ts';
import { ConnectionTable } from './connection-table.ts';
import { watchEarly } from './early-bytes.ts';
import { HttpExchange } from './http-exchange.ts';
import { joinPieces } from './join-pieces.ts';
import { createNodeServer } from './node-server.ts';
import type { Occupant } from './occupant.ts';
import { mayFollow } from './persistence.ts';
import { createProxyEngine, type ProxyEngine } from './proxy-engine.ts';
import { Refusal, type Seen } from './refusal.ts';
import { NoBody, NodeRequestBody } from './request-body.ts';
import { headWithoutOffer, tunnelOffer } from './upgrade-offer.ts';
import { waitsForContinue } from './waits-for-continue.ts';

/**
 * The Fastify front: node:http reads requests, fastify and @fastify/http-proxy carry each plain one to the handler,
 * and answers are written straight to the socket.
 *
 *   socket ─▶ node:http ─┬─ request ─▶ turn ─▶ admit ─▶ fastify ─▶ http-proxy ─▶ handler
 *                        ├─ upgrade ─▶ turn ─▶ admit ─┬▶ handler (tunnel)
 *                        │                            └▶ back to node:http, as a plain request
 *                        ├─ connect ─▶ turn ─▶ refused
 *                        └─ clientError ─▶ the body in progress fails, or: turn ─▶ refused
 *
 * What node:http decides before anything can be seen of it is listed in docs/fronts.md.
 */
export async function createFastifyFront(options: FrontOptions): Promise<Front> {
  const front = new FastifyFront(options);
  await front.ready();
  return front;
}

class FastifyFront implements Front {
  readonly #options: FrontOptions;
  readonly #connections: ConnectionTable;
  #engine: ProxyEngine | null = null;
  #server: Server = createServer();
  #isDraining = false;
  /** The request of each connection whose head came last: the one that an error of the parser is about. */
  readonly #lastRead = new WeakMap<ClientConnection, IncomingMessage>();
  /** Requests whose body broke before their turn. */
  readonly #broken = new WeakMap<IncomingMessage, Failure>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#connections = new ConnectionTable(options.limits);
  }

  get connections(): number {
    return this.#connections.size;
  }

  async ready(): Promise<void> {
    this.#engine = await createProxyEngine({
      serverFactory: () => this.#makeServer(),
      onClientError: (error, socket) => this.#onClientError(error, socket as Socket),
      onExchange: (exchange) => exchange.call(() => this.#options.handler(exchange)),
    });
  }

  async listen(host: string, port: number): Promise<{ address: string; port: number }> {
    await this.#engine?.app.listen({ host, port });
    const bound = this.#server.address() as AddressInfo;
    return { address: bound.address, port: bound.port };
  }

  drain(): Promise<void> {
    this.#isDraining = true;
    // Not http's close: it would close idle connections at once, under requests that are on their way.
    net.Server.prototype.close.call(this.#server);
    this.#connections.closeIdle();
    return this.#connections.empty();
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    this.#connections.destroyAll();
    await this.#engine?.app.close();
  }

  #makeServer(): Server {
    this.#server = createNodeServer(this.#options.limits, {
      connection: (socket) => this.#connections.open(socket),
      mayRead: (socket) => this.#connections.of(socket)?.isClosing === false,
      request: (request, response) => this.#onRequest(request, response),
      upgrade: (request, socket, early) => this.#onUpgrade(request, socket, early),
      connect: (request, socket) => this.#onConnect(request, socket),
    });
    return this.#server;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.of(request.socket);
    joinPieces(request);
    if (connection !== undefined) this.#lastRead.set(connection, request);
    connection?.take(() => {
      const admission = this.#admit(request);
      if ('failure' in admission) {
        request.resume(); // a body that nobody reads would stop the reading that lets the client see its answer
        return this.#refuse(connection, admission.failure, seen(request));
      }
      const exchange = this.#exchange({ connection, request, admitted: admission, response });
      const broken = this.#broken.get(request);
      if (broken !== undefined) exchange.body.fail(broken);
      this.#engine?.route(request, response, exchange);
      return exchange;
    });
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, early: Buffer): void {
    const connection = this.#connections.of(socket);
    connection?.take(() => {
      connection.reclaim();
      const admission = this.#admit(request);
      if ('failure' in admission) return this.#refuse(connection, admission.failure, seen(request));
      const upgrade = tunnelOffer(admission.head, admission.bodyLength);
      if (upgrade === null) return this.#readAgain(connection, request, early);
      const exchange = this.#exchange({ connection, request, admitted: admission, upgrade, early });
      exchange.call(() => this.#options.handler(exchange));
      return exchange;
    });
  }

  /** The parser let go of the connection for an offer that nobody takes up: it gets the request again, without. */
  #readAgain(connection: ClientConnection, request: IncomingMessage, early: Buffer): Occupant {
    const { method = '', url = '', httpVersion: version } = request;
    const head = headWithoutOffer({ method, target: url, version }, request.rawHeaders);
    connection.finished(true);
    this.#readOn(connection, Buffer.concat([Buffer.from(head, 'latin1'), early]));
    return NOBODY;
  }

  /** Gives a connection that the parser let go of a parser again, which begins with these bytes. */
  #readOn({ socket }: ClientConnection, bytes: Buffer): void {
    if (bytes.length > 0) socket.unshift(bytes);
    this.#server.emit('connection', socket);
    socket.resume();
  }

  #onConnect(request: IncomingMessage, socket: Socket): void {
    const connection = this.#connections.of(socket);
    connection?.take(() => {
      connection.reclaim();
      return this.#refuse(connection, 'bad_method', seen(request));
    });
  }

  #onClientError(error: ReadError, socket: Socket): void {
    const connection = this.#connections.of(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    if (connection.isClosing) return;
    const lastRead = this.#lastRead.get(connection);
    const isFirst = lastRead === undefined && socket.bytesRead === error.rawPacket?.length;
    const failure = readFailure(error, { isFirst, maxUrlBytes: this.#options.limits.maxUrlBytes });
    const { occupant } = connection;
    // Silence on a fresh connection (a browser's preconnect) is nothing to answer.
    if (failure === null || (failure === 'request_timeout' && connection.isIdle)) {
      socket.destroy();
    } else if (occupant instanceof HttpExchange && !occupant.body.isComplete) {
      occupant.body.fail(failure);
    } else if (lastRead?.complete === false) {
      this.#broken.set(lastRead, failure);
    } else {
      const request = { ...requestLine(error, isFirst), headers: [] };
      connection.take(() => this.#refuse(connection, failure, request));
    }
  }

  #admit(request: IncomingMessage): ReturnType<typeof admit> {
    const {
      method = '',
      url = '',
      httpVersionMajor: major,
      httpVersionMinor: minor,
      rawHeaders: headers,
    } = request;
    return admit({ method, target: url, major, minor, headers }, this.#options.limits);
  }

  #refuse(connection: ClientConnection, failure: Failure, request: Seen): Occupant {
    return new Refusal({ connection, failure, request, options: this.#options });
  }

  #exchange(of: Incoming): HttpExchange {
    const { admitted, connection, request, response } = of;
    const watched = of.early === undefined ? null : watchEarly(connection.socket, of.early);
    const isTunnel = watched !== null;
    return new HttpExchange({
      admitted,
      connection,
      upgrade: of.upgrade ?? null,
      expectsContinue: !isTunnel && waitsForContinue(admitted),
      body: (call) =>
        isTunnel
          ? new NoBody()
          : new NodeRequestBody({
              request,
              length: admitted.bodyLength,
              timeoutMs: this.#options.limits.bodyTimeoutMs,
              call,
            }),
      mayPersist: () =>
        !this.#isDraining &&
        (isTunnel
          ? keepsConnection(admitted.head)
          : response?.shouldKeepAlive === true && mayFollow(admitted.head)),
      takeEarly: () => watched?.() ?? Buffer.alloc(0),
      // An offer that was refused: what follows it is HTTP/1.1 (RFC 9110 section 7.8).
      settled: () => (isTunnel ? this.#readOn(connection, watched()) : settle(response)),
      newRequestId: this.#options.newRequestId,
      logger: this.#options.logger,
    });
  }
}

/** A request on its way to become an exchange. */
interface Incoming {
  readonly connection: ClientConnection;
  readonly request: IncomingMessage;
  readonly admitted: Admitted;
  readonly response?: ServerResponse;
  readonly upgrade?: string;
  /** Only for an upgrade: what came with its head. */
  readonly early?: Buffer;
}

function seen(request: IncomingMessage): Seen {
  return { method: request.method ?? null, target: request.url ?? null, headers: request.rawHeaders };
}

/** Stands for a turn that ended at once. */
const NOBODY: Occupant = { lost: () => {}, drained: () => {}, isAnswered: true };

/** Lets node:http know that the answer is out, so that it goes on with the connection (next message, idle timer). */
function settle(response: ServerResponse | undefined): void {
  if (response === undefined) return;
  response.finished = true;
  response.emit('finish');
}
