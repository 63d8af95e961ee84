/** What the monolith answers, in one list. */
import { problem, redirect, sendJson, sendPage } from '../kit/answer.mjs';
import { showRequest } from '../kit/debug.mjs';
import { createRouter } from '../kit/router.mjs';
import * as cartApi from './cart-api.mjs';
import { productJson, products } from './catalogue.mjs';
import { saveData } from './data.mjs';
import { streamEvents } from './live-channels.mjs';
import * as ordersApi from './orders-api.mjs';
import * as account from './pages/account.mjs';
import * as cart from './pages/cart.mjs';
import * as catalogue from './pages/catalogue.mjs';
import { notFoundPage } from './pages/not-found.mjs';
import * as orders from './pages/orders.mjs';
import * as photos from './pages/photos.mjs';
import { downloadPriceList, downloadSales } from './reports.mjs';
import { popularJson, searchJson } from './search-api.mjs';
import { sendStatic } from './static-files.mjs';

/** Where this application believes that it lives: set when it was installed, never since. */
const OWN_ADDRESS = process.env.SHOP_OWN_ADDRESS ?? 'http://legacy:8080';

const router = createRouter(
  [
    ['GET', '/', catalogue.home],
    ['GET', '/catalogue', catalogue.list],
    ['GET', '/products/:id', catalogue.detail],
    ['GET', '/products/:id/picture.svg', catalogue.picture],
    ['GET', '/search', catalogue.search],
    ['GET', '/cart', cart.show],
    ['POST', '/cart', cart.change],
    ['GET', '/login', account.loginForm],
    ['POST', '/login', account.login],
    ['POST', '/logout', account.logout],
    ['GET', '/account', account.show],
    ['GET', '/orders', orders.list],
    ['POST', '/orders', orders.place],
    ['GET', '/orders/:id', orders.detail],
    ['GET', '/photos', photos.list],
    ['POST', '/photos', photos.upload],
    ['GET', '/photos/:id', photos.download],
    // Old links, still printed on the plant labels; the answer names the address of old.
    ['GET', '/shop/catalogue.php', ({ res }) => redirect(res, 301, `${OWN_ADDRESS}/catalogue`)],
    ['GET', '/static/:file', sendStatic],
    ['GET', '/downloads/prices.csv', downloadPriceList],
    ['GET', '/downloads/sales.csv', downloadSales],
    ['GET', '/events', streamEvents],
    [
      'GET',
      '/api/products',
      ({ req, res, query }) =>
        sendJson(req, res, 200, { items: products(query.get('category')).map(productJson) }),
    ],
    [
      'GET',
      '/api/products/:id',
      ({ req, res, params }) => sendJson(req, res, 200, productJson(known(params.id))),
    ],
    ['GET', '/api/search', searchJson],
    ['GET', '/api/search/popular', popularJson],
    ['GET', '/api/cart', cartApi.show],
    ['PUT', '/api/cart/:id', cartApi.put],
    ['DELETE', '/api/cart', cartApi.clear],
    ['GET', '/api/orders', ordersApi.list],
    ['POST', '/api/orders', ordersApi.place],
    ['GET', '/api/orders/:id', ordersApi.detail],
    ['DELETE', '/api/orders/:id', ordersApi.cancel],
    ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, '/debug/request', showRequest]),
  ],
  (visit) => {
    if (visit.path.startsWith('/api/')) return sendJson(visit.req, visit.res, 404, { error: 'not found' });
    return sendPage(visit.req, visit.res, notFoundPage(visit), 404);
  },
);

function known(id) {
  const product = products().find((candidate) => String(candidate.id) === id);
  if (!product) throw problem(404, 'no such product');
  return product;
}

export function handle(req, res) {
  return router(req, res);
}

export function saveAll() {
  saveData();
}
