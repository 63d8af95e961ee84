/**
 * The search feature once more, for machines without Python: the same answers as server.py, planted differences and
 * all. Only the demo uses it, and says so.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { problem, sendJson } from '../kit/answer.mjs';
import { createRouter } from '../kit/router.mjs';
import { serve } from '../kit/serve.mjs';
import { openStore } from '../kit/store.mjs';

const PRODUCTS = JSON.parse(readFileSync(new URL('products.json', import.meta.url), 'utf8'));
const TAX_PERCENT = 7;
const MAX_TERMS_KEPT = 200;
const store = openStore('searches', {});

function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return PRODUCTS.map((product) => ({ product, score: scoreOf(product, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.product.id - b.product.id);
}

function scoreOf(product, words) {
  const scores = words.map((word) => wordScore(product, word));
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 0);
}

function wordScore(product, word) {
  const has = (field) => ((product[field] ?? '').toLowerCase().includes(word) ? 1 : 0);
  return 8 * has('name') + 4 * has('latin') + 2 * has('category') + has('text');
}

/** Half to even, as Python's round() does it. */
function round(number) {
  const down = Math.floor(number);
  if (number - down !== 0.5) return Math.round(number);
  return down % 2 === 0 ? down : down + 1;
}

function itemJson({ product: { id, name, latin, category, priceCents, rating, stock }, score }) {
  const priceWithTax = round((priceCents * (100 + TAX_PERCENT)) / 100) / 100;
  return {
    id,
    name,
    latin,
    category,
    price: priceCents / 100,
    priceWithTax,
    rating,
    inStock: stock > 0,
    score,
  };
}

function searchJson({ req, res, query }) {
  const words = (query.get('q') ?? '').trim();
  if (words === '') throw problem(400, 'say what to search for: ?q=fern');
  const term = words.toLowerCase().slice(0, 40);
  if (term in store.data || Object.keys(store.data).length < MAX_TERMS_KEPT)
    store.data[term] = (store.data[term] ?? 0) + 1;
  store.save();
  const found = search(words);
  const limit = Math.min(Math.max(Number(query.get('limit')) || 10, 1), 50);
  const generatedAt = new Date().toISOString().replace(/\.\d+Z$/, '.000Z');
  sendJson(req, res, 200, {
    searchId: randomUUID(),
    generatedAt,
    query: words,
    total: found.length,
    items: found.slice(0, limit).map(itemJson),
  });
}

function popularJson({ req, res }) {
  const items = Object.entries(store.data).map(([term, times]) => ({ term, times }));
  items.sort((a, b) => b.times - a.times || (a.term < b.term ? -1 : 1));
  sendJson(req, res, 200, { items: items.slice(0, 10) });
}

const router = createRouter(
  [
    ['GET', '/api/search', searchJson],
    ['GET', '/api/search/popular', popularJson],
  ],
  ({ req, res }) => sendJson(req, res, 404, { error: 'not found' }),
);

serve({ name: 'search', port: 8000, handle: router, ending: store.flush });
