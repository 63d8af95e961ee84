/** Orders, kept by the monolith: numbers from 1001 on. */
import { problem, sendJson } from '../kit/answer.mjs';
import { readJson } from '../kit/body.mjs';
import { readSession } from '../kit/session.mjs';
import { findProduct, takeFromStock } from './catalogue.mjs';
import { changed, data } from './data.mjs';
import { tellEveryone, tellStock } from './live-channels.mjs';

/** Newest first, each with its lines spelled out. */
export function allOrders() {
  return [...data.orders].reverse().map(orderJson);
}

export function findOrder(id) {
  const order = data.orders.find((candidate) => String(candidate.id) === id);
  return order ? orderJson(order) : null;
}

function orderJson({ id, customer, placedAt, status, lines }) {
  const items = lines.map(([productId, quantity]) => {
    const { name, priceCents } = findProduct(productId);
    return { productId, name, quantity, priceCents };
  });
  const totalCents = items.reduce((sum, item) => sum + item.priceCents * item.quantity, 0);
  return { id, customer, placedAt, status, items, totalCents };
}

/** @param {{ id: number, quantity: number }[]} items */
export function placeOrder(customer, items) {
  if (items.length === 0) throw problem(422, 'nothing to order: items: [{ id, quantity }]');
  for (const { id, quantity } of items) {
    if (!findProduct(id)) throw problem(422, `no such product: ${id}`);
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > 99)
      throw problem(422, 'quantity: a whole number from 1 to 99');
  }
  const lines = items.map(({ id, quantity }) => [Number(id), quantity]);
  const order = { id: data.nextOrder, customer, placedAt: new Date().toISOString(), status: 'placed', lines };
  data.nextOrder += 1;
  data.orders.push(order);
  changed();
  for (const [id, quantity] of lines) tellStock(id, takeFromStock(id, quantity));
  tellEveryone('order', { id: order.id, customer });
  return orderJson(order);
}

export function list({ req, res, query }) {
  const limit = Math.min(Math.max(Number(query.get('limit')) || 20, 1), 100);
  sendJson(req, res, 200, { total: data.orders.length, items: allOrders().slice(0, limit) });
}

export function detail({ req, res, params }) {
  const order = findOrder(params.id);
  if (!order) throw problem(404, 'no such order');
  sendJson(req, res, 200, order);
}

export async function place({ req, res }) {
  const { items } = await readJson(req);
  const order = placeOrder(readSession(req)?.name ?? 'guest', Array.isArray(items) ? items : []);
  sendJson(req, res, 201, order, { location: `/api/orders/${order.id}` });
}

export function cancel({ req, res, params }) {
  const order = data.orders.find((candidate) => String(candidate.id) === params.id);
  if (!order) throw problem(404, 'no such order');
  if (order.status !== 'placed') throw problem(409, `it is ${order.status} already`);
  order.status = 'cancelled';
  changed();
  sendJson(req, res, 200, orderJson(order));
}
