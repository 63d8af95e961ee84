/** The plants and tools, and how many are left. */
import { readFileSync } from 'node:fs';
import { changed, data } from './data.mjs';

const PRODUCTS = JSON.parse(readFileSync(new URL('products.json', import.meta.url), 'utf8'));
const TAX_PERCENT = 7;

export const CATEGORIES = ['trees', 'ferns', 'succulents', 'foliage', 'tools'];

/** All products, or one category's, with today's stock. */
export function products(category = null) {
  return PRODUCTS.filter((product) => category === null || product.category === category).map(withStock);
}

export function findProduct(id) {
  const product = PRODUCTS.find((candidate) => candidate.id === Number(id));
  return product ? withStock(product) : null;
}

function withStock(product) {
  return { ...product, stock: data.stock[product.id] ?? product.stock };
}

/** Takes `quantity` off the shelf, never below nothing; a negative one puts back. Returns what is left. */
export function takeFromStock(id, quantity) {
  const left = Math.max(0, findProduct(id).stock - quantity);
  data.stock[id] = left;
  changed();
  return left;
}

/** Half a cent is rounded up, as the tax office has it. */
export function withTax(cents) {
  return Math.floor((cents * (100 + TAX_PERCENT)) / 100 + 0.5);
}

export function productJson({ id, name, latin, category, priceCents, rating, origin, stock, text }) {
  return { id, name, latin, category, price: priceCents / 100, rating, origin, stock, text };
}
