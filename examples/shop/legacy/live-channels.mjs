/** What the shop tells while you look at it: an event stream at /events and a WebSocket with the stock at /ws. */

import { findProduct, products, takeFromStock } from './catalogue.mjs';
import { acceptWebSocket } from './websocket.mjs';

const TICK_MS = Number(process.env.SHOP_TICK_MS ?? 2000);

const streams = new Set();
const sockets = new Set();
let lastEventId = 0;

/** text/event-stream: `visitors` at once and as they come and go, `order` when one is placed, `tick` in between. */
export function streamEvents({ req, res }) {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  if (req.method === 'HEAD') return res.end();
  res.write('retry: 1000\n\n');
  streams.add(res);
  res.on('close', () => {
    streams.delete(res);
    tellVisitors();
  });
  const seen = Number(req.headers['last-event-id']);
  if (seen > 0) writeEvent(res, 'resumed', { after: seen });
  tellVisitors();
}

function writeEvent(res, event, value) {
  lastEventId += 1;
  res.write(`id: ${lastEventId}\nevent: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
}

export function tellEveryone(event, value) {
  for (const res of streams) writeEvent(res, event, value);
}

function tellVisitors() {
  tellEveryone('visitors', { count: streams.size });
}

/** A WebSocket: all stock at first, then each change; a text message comes back as `echo`. */
export function upgradeToStock(req, socket) {
  const channel = req.url.split('?')[0] === '/ws' ? acceptWebSocket(req, socket, 'shop.stock') : null;
  if (!channel) {
    const body = '{"error":"no WebSocket here"}\n';
    return socket.end(
      `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nx-shop-answered-by: legacy\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  sockets.add(channel);
  channel.onText = (text) => channel.send(JSON.stringify({ type: 'echo', text }));
  channel.onClose = () => sockets.delete(channel);
  channel.send(
    JSON.stringify({
      type: 'all',
      stock: Object.fromEntries(products().map(({ id, stock }) => [id, stock])),
    }),
  );
}

export function tellStock(id, stock) {
  const text = JSON.stringify({ type: 'stock', id, name: findProduct(id).name, stock });
  for (const channel of sockets) channel.send(text);
}

/** Other customers buy and the gardener restocks, while anybody looks. */
setInterval(() => {
  tellEveryone('tick', { at: new Date().toISOString() });
  if (sockets.size === 0) return;
  const all = products();
  const product = all[Math.floor(Math.random() * all.length)];
  tellStock(product.id, takeFromStock(product.id, product.stock > 5 ? 1 : -10));
}, TICK_MS).unref();

export function closeLiveChannels() {
  for (const res of streams) res.end();
  for (const channel of sockets) channel.close(1001);
}
