/** Start page, catalogue, a product, search results. */
import { redirect, send, sendPage } from '../../kit/answer.mjs';
import { html, money } from '../../kit/html.mjs';
import { readSession } from '../../kit/session.mjs';
import { CATEGORIES, findProduct, products, withTax } from '../catalogue.mjs';
import { changed, data } from '../data.mjs';
import { searchProducts } from '../search-api.mjs';
import { notFoundPage } from './not-found.mjs';
import { page } from './page.mjs';
import { drawProduct } from './picture.mjs';

const ON_HOME = [1, 17, 5, 11];
const VIEWED_KEPT = 4;
const VISITORS_KEPT = 500;

function card({ id, name, latin, priceCents, stock }) {
  return html`<a class="card" href="/products/${id}">
  <img src="/products/${id}/picture.svg" alt="" width="200" height="200" loading="lazy">
  <h3>${name}</h3><p class="latin">${latin ?? 'tool'}</p>
  <p class="price">${money(priceCents)} <span class="stock" data-stock="${id}">${stock} left</span></p>
</a>`;
}

function grid(list) {
  return html`<div class="grid">${list.map(card)}</div>`;
}

export function home(visit) {
  // Browsers alone are told of the style sheet before the page: older clients take a 103 for the answer.
  if (visit.req.headers['sec-fetch-mode'] === 'navigate' && visit.req.httpVersion === '1.1') {
    visit.res.writeEarlyHints({ link: '</static/shop.css>; rel=preload; as=style' });
  }
  const session = readSession(visit.req);
  const viewed = (session ? (data.viewed[session.id] ?? []) : []).map(findProduct);
  const body = html`<section class="hero">
  <div><h1>It starts small,<br>on an old tree.</h1>
  <p>Plants that outgrow what they were planted on, and the tools to help them.</p>
  <a class="button" href="/catalogue">See all plants</a></div>
  <img src="/products/1/picture.svg" alt="" width="260" height="260">
</section>
<aside class="live" data-live hidden><b data-visitors>1</b> here now<span data-news></span></aside>
<h2>This week</h2>${grid(ON_HOME.map(findProduct))}
${viewed.length > 0 && html`<h2>You looked at</h2>${grid(viewed)}`}`;
  sendPage(visit.req, visit.res, page(visit, 'Plants since 1987', body));
}

export function list(visit) {
  const chosen = CATEGORIES.includes(visit.query.get('category')) ? visit.query.get('category') : null;
  const tabs = [null, ...CATEGORIES].map(
    (category) =>
      html`<a href="/catalogue${category ? `?category=${category}` : ''}" ${category === chosen && 'aria-current=page'}>${category ?? 'all'}</a>`,
  );
  const body = html`<h1>Plants and tools</h1><nav class="tabs">${tabs}</nav>${grid(products(chosen))}`;
  sendPage(visit.req, visit.res, page(visit, chosen ?? 'All plants', body));
}

export function detail(visit) {
  const product = findProduct(visit.params.id);
  if (!product) return sendPage(visit.req, visit.res, notFoundPage(visit), 404);
  remember(readSession(visit.req), product.id);
  const body = html`<article class="product">
  <img src="/products/${product.id}/picture.svg" alt="" width="420" height="420">
  <div><p class="crumb"><a href="/catalogue?category=${product.category}">${product.category}</a></p>
  <h1>${product.name}</h1><p class="latin">${product.latin}</p><p class="lead">${product.text}</p>
  <p class="price">${money(product.priceCents)} <small>${money(withTax(product.priceCents))} with tax</small></p>
  <form class="buy" method="post" action="/cart"><input type="hidden" name="id" value="${product.id}">
  <input name="quantity" type="number" min="1" max="99" value="1" aria-label="Quantity"><button>Add to cart</button></form>
  <dl><dt>In stock</dt><dd data-stock="${product.id}">${product.stock} left</dd><dt>Rating</dt><dd>${product.rating.toFixed(2)} of 5</dd><dt>From</dt><dd>${product.origin}</dd></dl></div>
</article>`;
  sendPage(visit.req, visit.res, page(visit, product.name, body));
}

function remember(session, id) {
  if (!session) return;
  const others = (data.viewed[session.id] ?? []).filter((seen) => seen !== id);
  delete data.viewed[session.id];
  data.viewed[session.id] = [id, ...others].slice(0, VIEWED_KEPT);
  const visitors = Object.keys(data.viewed);
  if (visitors.length > VISITORS_KEPT) delete data.viewed[visitors[0]];
  changed();
}

export function picture({ req, res, params }) {
  const product = findProduct(params.id);
  if (!product) return redirect(res, 302, '/static/leaf.svg');
  send(req, res, {
    status: 200,
    type: 'image/svg+xml',
    body: drawProduct(product),
    headers: { 'cache-control': 'public, max-age=3600' },
  });
}

export function search(visit) {
  const query = (visit.query.get('q') ?? '').trim();
  const found = query === '' ? [] : searchProducts(query).map(({ product }) => product);
  const body = html`<h1>${query === '' ? 'Search' : html`“${query}”`}</h1>
<p class="lead">${found.length === 1 ? 'One plant or tool' : `${found.length} plants and tools`} found.</p>${grid(found)}`;
  sendPage(visit.req, visit.res, page(visit, 'Search', body));
}
