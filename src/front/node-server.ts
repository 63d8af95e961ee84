import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { FrontLimits } from '../model/exchange.ts';
import { CLIENT_SOCKETS } from './client-socket.ts';

/** What a server of node:http tells the front. Errors of its parser come through fastify (`clientErrorHandler`). */
export interface ServerEvents {
  connection(socket: Socket): void;
  /** Whether a further request would be taken from it. */
  mayRead(socket: Socket): boolean;
  request(request: IncomingMessage, response: ServerResponse): void;
  /** `early`: what came with the head. */
  upgrade(request: IncomingMessage, socket: Socket, early: Buffer): void;
  connect(request: IncomingMessage, socket: Socket): void;
}

/** Makes a server with node's own habits off: what it would answer, count or close by itself is the front's to do. */
export function createNodeServer(limits: FrontLimits, events: ServerEvents): Server {
  const server = createServer(serverOptions(limits), (request, response) =>
    events.request(request, response),
  );
  // The fields are counted by `admit`: over its own limit node:http drops the rest without a word.
  server.maxHeadersCount = 0;
  server.timeout = 0;
  if (limits.maxConnections > 0) server.maxConnections = limits.maxConnections;
  (server as ServerThatAsks).shouldUpgradeCallback = (request) => !hasBody(request);
  server.on('connection', (socket) => {
    events.connection(socket);
    readOnlyWhile(socket, () => !socket.destroyed && events.mayRead(socket));
  });
  // Node would answer expectations itself: which one is 100-continue is ours to say, others are the backend's to judge.
  server.on('checkContinue', (request, response) => events.request(request, response));
  server.on('checkExpectation', (request, response) => events.request(request, response));
  server.on('upgrade', (request, socket, early) => events.upgrade(request, socket as Socket, early));
  server.on('connect', (request, socket) => events.connect(request, socket as Socket));
  return server;
}

/** What node:http keeps on a socket; all its versions have it. */
interface ParsedSocket extends Socket {
  readonly parser?: { onIncoming: ((request: IncomingMessage, keepsAlive: boolean) => number) | null };
}

/** What llhttp takes for: the connection is no longer HTTP, so that it reads no further. */
const READ_NO_FURTHER = 2;

/**
 * A socket that is destroyed amid a read is parsed to the read's end all the same, and one that only lingers for as long
 * as bytes come: with a message for each request, all kept until the socket is gone.
 */
function readOnlyWhile(socket: ParsedSocket, mayRead: () => boolean): void {
  const { parser } = socket;
  const take = parser?.onIncoming;
  if (parser === undefined || !take) return;
  parser.onIncoming = (request, keepsAlive) => (mayRead() ? take(request, keepsAlive) : READ_NO_FURTHER);
}

/**
 * Node 24.9 and later ask whether an offer is to be taken up. One with a body is not, since newer ones would keep the
 * socket to themselves until the body is read; earlier ones detach every offer, and `#readAgain` gives it back.
 */
interface ServerThatAsks {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
}

function serverOptions(limits: FrontLimits): ServerOptions {
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
    ...CLIENT_SOCKETS,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}
