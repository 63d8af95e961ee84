/** The orders, as the monolith shows them. */
import { redirect, sendPage } from '../../kit/answer.mjs';
import { readForm } from '../../kit/body.mjs';
import { html } from '../../kit/html.mjs';
import { orderDetail, orderTable, readOrderForm } from '../../kit/order-views.mjs';
import { readSession, writeCart } from '../../kit/session.mjs';
import { allOrders, findOrder, placeOrder } from '../orders-api.mjs';
import { notFoundPage } from './not-found.mjs';
import { page } from './page.mjs';

export function list(visit) {
  const session = readSession(visit.req);
  if (!session) return redirect(visit.res, 302, '/login?next=/orders');
  const body = html`<h1>Orders</h1>${orderTable(allOrders(), session)}`;
  sendPage(visit.req, visit.res, page(visit, 'Orders', body));
}

export function detail(visit) {
  const order = findOrder(visit.params.id);
  if (!order) return sendPage(visit.req, visit.res, notFoundPage(visit), 404);
  sendPage(
    visit.req,
    visit.res,
    page(visit, `Order ${order.id}`, orderDetail(order, visit.query.has('thanks'))),
  );
}

export async function place({ req, res }) {
  const session = readSession(req);
  if (!session) return redirect(res, 303, '/login?next=/cart');
  const order = placeOrder(session.name, readOrderForm(await readForm(req)));
  writeCart(res, []);
  redirect(res, 303, `/orders/${order.id}?thanks`);
}
