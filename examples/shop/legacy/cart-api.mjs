/** The cart as JSON. */
import { problem, sendJson } from '../kit/answer.mjs';
import { readJson } from '../kit/body.mjs';
import { readCart, writeCart } from '../kit/session.mjs';
import { findProduct } from './catalogue.mjs';

/** The lines of a cart with their products and sums; what is no longer sold drops out. */
export function cartLines(cart) {
  return cart.flatMap(({ id, quantity }) => {
    const product = findProduct(id);
    return product ? [{ product, quantity, sumCents: product.priceCents * quantity }] : [];
  });
}

export function cartTotal(lines) {
  return lines.reduce((sum, line) => sum + line.sumCents, 0);
}

/** The cart with product `id` set to `quantity`. */
export function withQuantity(cart, id, quantity) {
  return [...cart.filter((item) => item.id !== id), { id, quantity }].sort((a, b) => a.id - b.id);
}

function sendCart(req, res, cart) {
  const lines = cartLines(cart);
  sendJson(req, res, 200, {
    items: lines.map(({ product, quantity }) => ({ id: product.id, name: product.name, quantity })),
    total: cartTotal(lines) / 100,
  });
}

export function show({ req, res }) {
  sendCart(req, res, readCart(req));
}

export async function put({ req, res, params }) {
  const { quantity } = await readJson(req);
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > 99)
    throw problem(422, 'quantity: a whole number from 0 to 99');
  const product = findProduct(params.id);
  if (!product) throw problem(404, 'no such product');
  const cart = withQuantity(readCart(req), product.id, quantity);
  writeCart(res, cart);
  sendCart(
    req,
    res,
    cart.filter((item) => item.quantity > 0),
  );
}

export function clear({ req, res }) {
  writeCart(res, []);
  sendCart(req, res, []);
}
