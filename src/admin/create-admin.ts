import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { ListenAddress } from '../model/listen-address.ts';
import type { AdminDeps } from './admin-deps.ts';
import { explainQuestionOf } from './explain-question.ts';
import { isOwnHost } from './host-check.ts';
import { indexPage } from './index-page.ts';
import { PROBLEM_TYPE, problemBody, sendProblem } from './problem.ts';
import { shadowSummary, shadowView } from './shadow-view.ts';
import { backendsView, configView, refusalsView, routesView } from './views.ts';

/**
 * The admin listener: a Fastify server of its own that shows what is in force. It is read-only, so that a port left
 * open gives nothing away but what it shows; it answers only to names that no web page can take (DNS rebinding), and
 * never with a stack. It ends by itself: a scraper's idle connection does not hold up the exit, a slow one only for
 * a second.
 */

const LONGEST_URL = 48 * 1024;
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 256;
const CLOSE_GRACE_MS = 1_000;
/** Scrapers that read nothing would take up all connections, and the health check of the container with them. */
const STALL_MS = 10_000;

/** A listener, open or not yet. */
export interface Admin {
  /** Where it listens; port 0 has become the one that was free. Rejects with the system's error (EADDRINUSE). */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** Stops it. Answers under way have a second. */
  close(): Promise<void>;
}

/** An admin listener that shows what the functions handed in say. `stallMs`: how long a client may take nothing. */
export function createAdmin(deps: AdminDeps, { stallMs = STALL_MS } = {}): Admin {
  const server = fastify({
    forceCloseConnections: 'idle',
    requestTimeout: 10_000,
    connectionTimeout: stallMs,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    clientErrorHandler: (error, socket) => refuseUnreadable(error.code, socket),
    frameworkErrors: (_, __, reply) => sendProblem(reply, 400, 'The url cannot be read.'),
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    return refusalOf(request, reply, deps.adminHosts);
  });
  server.setNotFoundHandler((_, reply) => sendProblem(reply, 404, 'Nothing is here; / lists what there is.'));
  server.setErrorHandler((_, __, reply) => sendProblem(reply, 500, 'The router could not make this answer.'));
  addRoutes(server, deps);
  return {
    async listen({ host, port }) {
      await server.listen({ host, port });
      const bound = server.server.address();
      return { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
    },
    async close() {
      const force = setTimeout(() => server.server.closeAllConnections(), CLOSE_GRACE_MS);
      await server.close();
      clearTimeout(force);
    },
  };
}

const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers what must not go further; undefined lets a request pass. */
function refusalOf(
  request: FastifyRequest,
  reply: FastifyReply,
  adminHosts: readonly string[],
): FastifyReply | undefined {
  const { host } = request.headers;
  if (host !== undefined && !isOwnHost(host, adminHosts)) {
    const detail = `This listener does not answer to the host ${JSON.stringify(host.slice(0, 255))}. If that is its name, start banyan with --admin-host NAME.`;
    return sendProblem(reply, 421, detail);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    reply.header('Allow', 'GET, HEAD');
    return sendProblem(
      reply,
      405,
      'This listener is read-only: GET and HEAD. Routing is changed in routes.yaml.',
    );
  }
  if (request.url.length > LONGEST_URL) {
    return sendProblem(reply, 414, `The url is longer than ${LONGEST_URL} bytes.`);
  }
  return undefined;
}

function addRoutes(server: FastifyInstance, deps: AdminDeps): void {
  server.get('/', async (_, reply) => {
    reply.type('text/html; charset=utf-8').header('Content-Security-Policy', PAGE_POLICY);
    return indexPage();
  });
  server.get('/metrics', async (_, reply) => {
    reply.type(deps.metrics.contentType);
    return reply.send(Readable.from(deps.metrics.exposition()));
  });
  server.get('/healthz', async (_, reply) => {
    reply.type('text/plain; charset=utf-8');
    return 'ok\n';
  });
  server.get('/readyz', async (_, reply) => {
    const { ready, reason } = deps.readiness();
    if (!ready) return sendProblem(reply, 503, reason);
    reply.type('text/plain; charset=utf-8');
    return `${reason}\n`;
  });
  server.get('/api/routes', async (_, reply) => sendJson(reply, routesView(deps)));
  server.get('/api/backends', async (_, reply) => sendJson(reply, backendsView(deps, await deps.live())));
  server.get('/api/refusals', async (_, reply) => sendJson(reply, refusalsView(await deps.live())));
  server.get('/api/config', async (_, reply) => sendJson(reply, configView(deps)));
  server.get('/api/explain', async (request, reply) => explain(deps, request, reply));
  server.get('/api/shadow', async (_, reply) =>
    sendJson(reply, { features: deps.shadows().map(shadowSummary) }),
  );
  server.get<{ Params: { feature: string } }>('/api/shadow/:feature', async (request, reply) =>
    shadow(deps, request.params.feature, reply),
  );
}

function shadow(deps: AdminDeps, feature: string, reply: FastifyReply): FastifyReply {
  const status = deps.shadows().find((one) => one.feature === feature);
  if (status !== undefined) return sendJson(reply, shadowView(status));
  const isKnown = Object.hasOwn(deps.table()?.features ?? {}, feature);
  const detail = isKnown
    ? `${JSON.stringify(feature)} has no "shadow" block: nothing of it is compared.`
    : `There is no feature ${JSON.stringify(feature.slice(0, 100))}.`;
  return sendProblem(reply, 404, detail);
}

function explain(deps: AdminDeps, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const question = explainQuestionOf(new URLSearchParams(request.url.replace(/^[^?]*/, '')));
  if (typeof question === 'string') return sendProblem(reply, 400, question);
  if (deps.table() === null) return sendProblem(reply, 503, 'There is no route table yet.');
  const explained = deps.explain(question);
  if ('problem' in explained) return sendProblem(reply, 400, explained.problem);
  return sendJson(reply, explained.answer);
}

/** Indented: these answers are read by people as often as by programs. */
function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(`${JSON.stringify(body, null, 2)}\n`);
}

/** What node:http could not read never reaches Fastify. */
function refuseUnreadable(code: string | undefined, socket: Socket): void {
  if (!socket.writable) return;
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const body = problemBody(status, 'The request cannot be read.');
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${status} Unreadable\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
