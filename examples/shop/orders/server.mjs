/**
 * Orders, split out of the monolith: the same paths and the same answers, with code and data of its own. It knows the
 * customer by the signed cookie, and prices by its own list. Cancelling is not built here yet, and says so with 501.
 */
import { problem, redirect, sendJson, sendPage } from '../kit/answer.mjs';
import { readForm, readJson } from '../kit/body.mjs';
import { showRequest } from '../kit/debug.mjs';
import { html } from '../kit/html.mjs';
import { layout } from '../kit/layout.mjs';
import { orderDetail, orderTable, readOrderForm } from '../kit/order-views.mjs';
import { createRouter } from '../kit/router.mjs';
import { serve } from '../kit/serve.mjs';
import { readCart, readSession, writeCart } from '../kit/session.mjs';
import { setFaults, showFaults, sufferFaults } from './faults.mjs';
import { allOrders, findOrder, orderCount, placeOrder, saveOrders } from './orders.mjs';

function page({ req }, title, body) {
  return layout({
    title,
    body,
    service: 'orders',
    stack: `Node ${process.versions.node}`,
    session: readSession(req),
    cart: readCart(req),
  });
}

function listPage(visit) {
  const session = readSession(visit.req);
  if (!session) return redirect(visit.res, 302, '/login?next=/orders');
  sendPage(
    visit.req,
    visit.res,
    page(visit, 'Orders', html`<h1>Orders</h1>${orderTable(allOrders(), session)}`),
  );
}

function detailPage(visit) {
  const order = findOrder(visit.params.id);
  const body = order
    ? orderDetail(order, visit.query.has('thanks'))
    : html`<h1>No such order</h1><p><a href="/orders">All orders</a></p>`;
  sendPage(
    visit.req,
    visit.res,
    page(visit, order ? `Order ${order.id}` : 'Not found', body),
    order ? 200 : 404,
  );
}

async function placeByForm({ req, res }) {
  const session = readSession(req);
  if (!session) return redirect(res, 303, '/login?next=/cart');
  const order = placeOrder(session.name, readOrderForm(await readForm(req)));
  writeCart(res, []);
  redirect(res, 303, `/orders/${order.id}?thanks`);
}

function listJson({ req, res, query }) {
  const limit = Math.min(Math.max(Number(query.get('limit')) || 20, 1), 100);
  sendJson(req, res, 200, { total: orderCount(), items: allOrders().slice(0, limit) });
}

function detailJson({ req, res, params }) {
  const order = findOrder(params.id);
  if (!order) throw problem(404, 'no such order');
  sendJson(req, res, 200, order);
}

async function placeJson({ req, res }) {
  const { items } = await readJson(req);
  const order = placeOrder(readSession(req)?.name ?? 'guest', Array.isArray(items) ? items : []);
  sendJson(req, res, 201, order, { location: `/api/orders/${order.id}` });
}

function cancelJson() {
  throw problem(501, 'cancelling is not built here yet');
}

const router = createRouter(
  [
    ['GET', '/orders', listPage],
    ['POST', '/orders', placeByForm],
    ['GET', '/orders/:id', detailPage],
    ['GET', '/api/orders', listJson],
    ['POST', '/api/orders', placeJson],
    ['GET', '/api/orders/faults', showFaults],
    ['PUT', '/api/orders/faults', setFaults],
    ['GET', '/api/orders/request', showRequest],
    ['POST', '/api/orders/request', showRequest],
    ['GET', '/api/orders/:id', detailJson],
    ['DELETE', '/api/orders/:id', cancelJson],
  ],
  ({ req, res }) => sendJson(req, res, 404, { error: 'not found' }),
);

serve({
  name: 'orders',
  port: 3000,
  async handle(req, res) {
    if (!req.url.startsWith('/api/orders/faults') && (await sufferFaults())) return res.destroy();
    return router(req, res);
  },
  ending: saveOrders,
});
