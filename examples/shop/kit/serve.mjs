/**
 * The way a service of the shop lives: listens, answers /healthz, says on every answer which service gave it, and ends
 * quickly on SIGTERM. Started by another program (SHOP_ENDS_WITH_STDIN=1) it also ends with that program, however that
 * one ended: its end of the pipe closes.
 */
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { sendJson, sendText } from './answer.mjs';

/** How long answers under way may take once the service was told to end. */
const GOODBYE_MS = 1000;

/**
 * @param {object} service
 * @param {string} service.name `legacy`, `orders` …: the header x-shop-answered-by
 * @param {number} service.port used unless PORT is set
 * @param {(req: import('node:http').IncomingMessage, res: import('node:http').ServerResponse) => unknown} service.handle
 * @param {(req: import('node:http').IncomingMessage, socket: import('node:stream').Duplex) => void} [service.upgrade]
 * @param {() => void} [service.ending] called once, before the process ends: save, say goodbye
 */
export function serve(service) {
  const server = createServer((req, res) => answer(service, req, res));
  // Longer than any router's patience with an idle connection, so that it is the router that closes.
  server.keepAliveTimeout = 90_000;
  if (service.upgrade) server.on('upgrade', service.upgrade);
  server.on('error', (error) => {
    console.error(`${service.name}: ${error.message}`);
    process.exit(1);
  });
  const host = process.env.HOST ?? '0.0.0.0';
  server.listen(Number(process.env.PORT ?? service.port), host, () => {
    const shown = host === '0.0.0.0' ? 'localhost' : host;
    console.log(`${service.name} listening on http://${shown}:${server.address().port}`);
  });
  endOnRequest(service, server);
}

async function answer(service, req, res) {
  res.setHeader('x-shop-answered-by', service.name);
  res.setHeader('x-shop-instance', hostname());
  try {
    if (req.url === '/healthz') return sendJson(req, res, 200, { status: 'ok', service: service.name });
    await service.handle(req, res);
  } catch (error) {
    const status = error.status ?? 500;
    if (status === 500) console.error(`${service.name}: ${req.method} ${req.url}:`, error);
    if (res.headersSent) return res.destroy();
    // What is left of a body that nobody will read must not be taken for the next request.
    if (!req.complete) res.setHeader('connection', 'close');
    if (req.url.startsWith('/api/'))
      return sendJson(req, res, status, { error: publicMessage(error, status) });
    sendText(req, res, status, publicMessage(error, status));
  }
}

function publicMessage(error, status) {
  return status === 500 ? 'something broke' : error.message;
}

function endOnRequest(service, server) {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    service.ending?.();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    // An answer under way is finished and its connection closed with it, rather than kept for another request.
    setInterval(() => server.closeIdleConnections(), 20).unref();
    setTimeout(() => process.exit(0), GOODBYE_MS).unref();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (process.env.SHOP_ENDS_WITH_STDIN === '1') process.stdin.on('close', end).on('end', end).resume();
}
