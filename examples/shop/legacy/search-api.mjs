/** Search as it always was: every word must be found somewhere, names count most. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { problem, sendJson } from '../kit/answer.mjs';
import { products, withTax } from './catalogue.mjs';
import { changed, data } from './data.mjs';

/** The old search walks the whole table, each time. */
const SLOWNESS_MS = Number(process.env.SHOP_SEARCH_SLOWNESS_MS ?? 25);
const MAX_TERMS_KEPT = 200;

/** Best first; equally good ones by name. */
export function searchProducts(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return products()
    .map((product) => ({ product, score: scoreOf(product, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.product.name.localeCompare(b.product.name, 'en'));
}

function scoreOf(product, words) {
  const scores = words.map((word) => wordScore(product, word));
  return scores.some((score) => score === 0) ? 0 : scores.reduce((sum, score) => sum + score, 0);
}

function wordScore({ name, latin, category, text }, word) {
  const has = (field) => (field ?? '').toLowerCase().includes(word);
  return (has(name) ? 8 : 0) + (has(latin) ? 4 : 0) + (has(category) ? 2 : 0) + (has(text) ? 1 : 0);
}

export async function searchJson({ req, res, query }) {
  const words = (query.get('q') ?? '').trim();
  if (words === '') throw problem(400, 'say what to search for: ?q=fern');
  const limit = Math.min(Math.max(Number(query.get('limit')) || 10, 1), 50);
  await sleep(SLOWNESS_MS);
  count(words);
  const found = searchProducts(words);
  sendJson(req, res, 200, {
    searchId: randomUUID(),
    generatedAt: new Date().toISOString(),
    query: words,
    total: found.length,
    items: found.slice(0, limit).map(itemJson),
  });
}

function itemJson({ product, score }) {
  return {
    id: product.id,
    name: product.name,
    latin: product.latin,
    category: product.category,
    price: product.priceCents / 100,
    priceWithTax: withTax(product.priceCents) / 100,
    rating: product.rating,
    origin: product.origin,
    inStock: product.stock > 0,
    score,
  };
}

function count(words) {
  const term = words.toLowerCase().slice(0, 40);
  if (!(term in data.searches) && Object.keys(data.searches).length >= MAX_TERMS_KEPT) return;
  data.searches[term] = (data.searches[term] ?? 0) + 1;
  changed();
}

export function popularJson({ req, res }) {
  const items = Object.entries(data.searches)
    .map(([term, times]) => ({ term, times }))
    .sort((a, b) => b.times - a.times || (a.term < b.term ? -1 : 1));
  sendJson(req, res, 200, { items: items.slice(0, 10) });
}
