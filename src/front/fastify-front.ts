import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Front, FrontLimits, FrontOptions } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import { firstValue, tokensOf } from '../model/header-list.ts';
import { type Admitted, admit } from './admit.ts';
import type { ClientConnection, Occupant } from './client-connection.ts';
import { type ReadError, readFailure, requestLine } from './client-error.ts';
import { ConnectionTable } from './connection-table.ts';
import { HttpExchange } from './http-exchange.ts';
import { createProxyEngine, type ProxyEngine } from './proxy-engine.ts';
import { Refusal, type Seen } from './refusal.ts';
import { NoBody, NodeRequestBody } from './request-body.ts';
import { headWithoutOffer, tunnelOffer } from './upgrade-offer.ts';

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

/** Bytes that a client may send behind an upgrade's head before anybody took it. */
const EARLY_LIMIT = 64 * 1024;

class FastifyFront implements Front {
  readonly #options: FrontOptions;
  readonly #connections: ConnectionTable;
  #engine: ProxyEngine | null = null;
  #server: Server = createServer();
  #isDraining = false;

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
    const server = createServer(serverOptions(this.#options.limits), (request, response) =>
      this.#onRequest(request, response, false),
    );
    const { limits } = this.#options;
    // The fields are counted here: over its own limit node:http drops the rest without a word.
    server.maxHeadersCount = 0;
    server.timeout = 0;
    if (limits.maxConnections > 0) server.maxConnections = limits.maxConnections;
    (server as ServerThatAsks).shouldUpgradeCallback = (request) => !hasBody(request);
    server.on('connection', (socket) => this.#connections.open(socket));
    server.on('checkContinue', (request, response) => this.#onRequest(request, response, true));
    // Other expectations are the backend's to judge.
    server.on('checkExpectation', (request, response) => this.#onRequest(request, response, false));
    server.on('upgrade', (request, socket, early) => this.#onUpgrade(request, socket as Socket, early));
    server.on('connect', (request, socket) => this.#onConnect(request, socket as Socket));
    this.#server = server;
    return server;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const connection = this.#connections.of(request.socket);
    connection?.take(() => {
      const admission = this.#admit(request);
      if ('failure' in admission) return this.#refuse(connection, admission.failure, seen(request));
      const exchange = this.#exchange({
        connection,
        request,
        admitted: admission,
        expectsContinue,
        response,
      });
      this.#engine?.route(request, response, exchange);
      return exchange;
    });
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, early: Buffer): void {
    const connection = this.#connections.of(socket);
    connection?.take(() => {
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
    connection.socket.unshift(Buffer.concat([Buffer.from(head, 'latin1'), early]));
    connection.finished(true);
    this.#server.emit('connection', connection.socket);
    return NOBODY;
  }

  #onConnect(request: IncomingMessage, socket: Socket): void {
    const connection = this.#connections.of(socket);
    connection?.take(() => this.#refuse(connection, 'bad_method', seen(request)));
  }

  #onClientError(error: ReadError, socket: Socket): void {
    const connection = this.#connections.of(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    if (connection.isClosing) return;
    const isFirst = error.rawPacket !== undefined && socket.bytesRead === error.rawPacket.length;
    const failure = readFailure(error, { isFirst, maxUrlBytes: this.#options.limits.maxUrlBytes });
    const { occupant } = connection;
    // Silence on a fresh connection (a browser's preconnect) is nothing to answer.
    if (failure === null || (failure === 'request_timeout' && connection.isIdle)) {
      socket.destroy();
    } else if (occupant instanceof HttpExchange && !occupant.body.isComplete) {
      occupant.body.fail(failure);
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
    const isTunnel = of.early !== undefined;
    const watched = isTunnel ? watchEarly(connection.socket, of.early) : null;
    return new HttpExchange({
      admitted,
      connection,
      upgrade: of.upgrade ?? null,
      expectsContinue: of.expectsContinue === true && admitted.bodyLength !== 0,
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
        !isTunnel && !this.#isDraining && response?.shouldKeepAlive === true && mayFollow(admitted),
      takeEarly: () => watched?.() ?? Buffer.alloc(0),
      settled: () => settle(response),
      newRequestId: this.#options.newRequestId,
      logger: this.#options.logger,
    });
  }
}

/**
 * Node 24.9 and later ask whether an offer is to be taken up. One with a body is not, since newer ones would keep the
 * socket to themselves until the body is read; earlier ones detach every offer, and `#readAgain` gives it back.
 */
interface ServerThatAsks {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
}

/** A request on its way to become an exchange. */
interface Incoming {
  readonly connection: ClientConnection;
  readonly request: IncomingMessage;
  readonly admitted: Admitted;
  readonly expectsContinue?: boolean;
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

function serverOptions(limits: FrontLimits): Parameters<typeof createServer>[0] & object {
  return {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headerTimeoutMs,
    // A long upload is fine; its pauses are watched in request-body.ts.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    // Node looks every 30 s by default: a limit of 10 s would then be one of 40.
    connectionsCheckingInterval: Math.max(20, Math.min(1000, limits.headerTimeoutMs / 5)),
    insecureHTTPParser: false,
    // Said by `admit`, which also counts it.
    requireHostHeader: false,
    noDelay: true,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/** Whether another request may follow: the client wants the connection kept (RFC 9112 section 9.3), and it can be read. */
function mayFollow({ head }: Admitted): boolean {
  const options = tokensOf(head.headers, 'connection');
  if (options.includes('close')) return false;
  // An offer that node:http was told not to take up: what it has read behind it is lost.
  if (options.includes('upgrade') && firstValue(head.headers, 'upgrade') !== undefined) return false;
  return head.minorVersion === 1 || options.includes('keep-alive');
}

/** Lets node:http know that the answer is out, so that it goes on with the connection (next message, idle timer). */
function settle(response: ServerResponse | undefined): void {
  if (response === undefined) return;
  response.finished = true;
  response.emit('finish');
}

/**
 * Reads a connection whose upgrade nobody took yet, since only a socket that is read shows that its client left.
 * Returns how to stop that and get what came.
 */
function watchEarly(socket: Socket, head: Buffer | undefined): () => Buffer {
  const pieces = head === undefined || head.length === 0 ? [] : [head];
  let held = head?.length ?? 0;
  const onData = (bytes: Buffer): void => {
    pieces.push(bytes);
    held += bytes.length;
    if (held > EARLY_LIMIT) socket.pause();
  };
  socket.on('data', onData);
  socket.resume();
  return () => {
    socket.off('data', onData);
    socket.pause();
    return Buffer.concat(pieces);
  };
}
