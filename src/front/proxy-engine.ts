import { type IncomingMessage, METHODS, type Server, type ServerResponse } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { HttpExchange } from './http-exchange.ts';

/**
 * Fastify with @fastify/http-proxy as its only route. Each plain request goes through both; neither touches its bytes:
 *
 *   node:http ─▶ fastify (every target is `/`) ─▶ http-proxy ─▶ reply-from ─▶ our `undici`: request(options, answer)
 *                                                                                 └─▶ the exchange goes to the handler
 *
 * - every method counts as bodyless here, so that no content type is parsed or refused (415) and no body is read;
 * - reply-from's headers are replaced by one symbol that carries the exchange; what it would send is never sent;
 * - the plugin is answered at once and the reply taken from it (`hijack`): no retry, no 500 with an address in it.
 */

/** Where the exchange of a request stands while it passes through the plugin. */
const EXCHANGE = Symbol('exchange');

interface Carrying {
  [EXCHANGE]?: HttpExchange;
}

/** What the engine is told of, and asked for. */
export interface EngineOptions {
  /** Makes the server around fastify's request listener. */
  serverFactory(listener: (request: IncomingMessage, response: ServerResponse) => void): Server;
  onClientError(error: Error, socket: unknown): void;
  /** An exchange came out at the other end. */
  onExchange(exchange: HttpExchange): void;
}

/** A ready engine: `route` sends a request with its exchange through it. */
export interface ProxyEngine {
  readonly app: FastifyInstance;
  route(request: IncomingMessage, response: ServerResponse, exchange: HttpExchange): void;
}

/** Makes fastify and the plugin ready. */
export async function createProxyEngine(options: EngineOptions): Promise<ProxyEngine> {
  let listener: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const app = fastify({
    logger: false,
    // The plugin and fastify's router read a path by rules of their own: they only ever see this one.
    rewriteUrl: () => '/',
    exposeHeadRoutes: false,
    return503OnClosing: false,
    serverFactory: (handler) => {
      listener = handler as typeof listener;
      return options.serverFactory(handler as typeof listener);
    },
    clientErrorHandler: (error, socket) => options.onClientError(error, socket),
    frameworkErrors: (error, request) => failExchange(request, error),
  });
  const methods = METHODS.filter((method) => method !== 'CONNECT');
  for (const method of methods) app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  app.setErrorHandler((error, request, reply) => {
    reply.hijack();
    failExchange(request, error);
  });
  app.setNotFoundHandler((request, reply) => {
    reply.hijack();
    failExchange(request, new Error('a request missed the only route'));
  });
  await app.register(httpProxy, pluginOptions(methods, options));
  await app.ready();
  return {
    app,
    route: (request, response, exchange) => {
      (request as Carrying)[EXCHANGE] = exchange;
      listener(request, response);
    },
  };
}

function pluginOptions(methods: string[], options: EngineOptions): Parameters<typeof httpProxy>[1] {
  return {
    // Never connected to: `undici` below takes every request.
    upstream: 'http://backend.invalid',
    httpMethods: methods,
    disableRequestLogging: true,
    undici: {
      request(sent: { headers: Carrying }, answer: (error: null, result: object) => void): void {
        const exchange = sent.headers[EXCHANGE] as HttpExchange;
        answer(null, { statusCode: 200, headers: {}, body: null });
        options.onExchange(exchange);
      },
    },
    replyOptions: {
      retryDelay: () => null,
      rewriteRequestHeaders: (request: FastifyRequest) => ({
        [EXCHANGE]: (request.raw as Carrying)[EXCHANGE],
      }),
      onResponse: (_request: unknown, reply: { hijack(): void }) => {
        reply.hijack();
      },
    },
  } as unknown as Parameters<typeof httpProxy>[1];
}

function failExchange(request: { raw: object }, error: unknown): void {
  (request.raw as Carrying)[EXCHANGE]?.fault(error);
}
