/** The orders that this feature keeps: a copy of the monolith's first six, and its own from 5001 on. */
import { readFileSync } from 'node:fs';
import { problem } from '../kit/answer.mjs';
import { openStore } from '../kit/store.mjs';

/** As they were on the day of the copy. */
const COPIED = [
  {
    id: 1001,
    customer: 'Ada',
    placedAt: '2025-03-02T09:12:00.000Z',
    status: 'delivered',
    lines: [
      [1, 1],
      [24, 2],
    ],
  },
  {
    id: 1002,
    customer: 'Grace',
    placedAt: '2025-03-09T16:40:00.000Z',
    status: 'delivered',
    lines: [[17, 1]],
  },
  {
    id: 1003,
    customer: 'Edsger',
    placedAt: '2025-04-21T11:05:00.000Z',
    status: 'delivered',
    lines: [
      [11, 3],
      [12, 1],
    ],
  },
  {
    id: 1004,
    customer: 'Barbara',
    placedAt: '2025-05-30T19:22:00.000Z',
    status: 'sent',
    lines: [
      [5, 1],
      [23, 1],
    ],
  },
  {
    id: 1005,
    customer: 'Ken',
    placedAt: '2025-06-14T07:48:00.000Z',
    status: 'sent',
    lines: [
      [22, 1],
      [6, 2],
    ],
  },
  {
    id: 1006,
    customer: 'Margaret',
    placedAt: '2025-06-15T13:31:00.000Z',
    status: 'placed',
    lines: [[10, 1]],
  },
];

const PRICES = new Map(
  JSON.parse(readFileSync(new URL('prices.json', import.meta.url), 'utf8')).map((product) => [
    product.id,
    product,
  ]),
);

const store = openStore('orders', { nextOrder: 5001, orders: COPIED });

export const saveOrders = store.flush;

export function orderCount() {
  return store.data.orders.length;
}

/** Newest first, each with its lines spelled out. */
export function allOrders() {
  return [...store.data.orders].reverse().map(orderJson);
}

export function findOrder(id) {
  const order = store.data.orders.find((candidate) => String(candidate.id) === id);
  return order ? orderJson(order) : null;
}

function orderJson({ id, customer, placedAt, status, lines }) {
  const items = lines.map(([productId, quantity]) => {
    const { name, priceCents } = PRICES.get(productId);
    return { productId, name, quantity, priceCents };
  });
  const totalCents = items.reduce((sum, item) => sum + item.priceCents * item.quantity, 0);
  return { id, customer, placedAt, status, items, totalCents };
}

/** @param {{ id: number, quantity: number }[]} items */
export function placeOrder(customer, items) {
  if (items.length === 0) throw problem(422, 'nothing to order: items: [{ id, quantity }]');
  for (const { id, quantity } of items) {
    if (!PRICES.has(id)) throw problem(422, `no such product: ${id}`);
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > 99)
      throw problem(422, 'quantity: a whole number from 1 to 99');
  }
  const lines = items.map(({ id, quantity }) => [id, quantity]);
  const order = {
    id: store.data.nextOrder,
    customer,
    placedAt: new Date().toISOString(),
    status: 'placed',
    lines,
  };
  store.data.nextOrder += 1;
  store.data.orders.push(order);
  store.save();
  return orderJson(order);
}
