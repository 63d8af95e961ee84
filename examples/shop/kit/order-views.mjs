/** How orders look, in the monolith and in the feature alike. */
import { dateTime, html, money } from './html.mjs';

export function orderTable(orders, session) {
  const rows = orders.map(
    ({
      id,
      customer,
      placedAt,
      status,
      totalCents,
    }) => html`<tr><td><a href="/orders/${id}">${id}</a></td><td>${dateTime(placedAt)}</td>
<td>${customer}${customer === session.name && html` <span class="tag">you</span>`}</td><td>${status}</td><td class="number">${money(totalCents)}</td></tr>`,
  );
  return html`<table class="lines"><thead><tr><th>Number</th><th>Placed</th><th>By</th><th>State</th><th class="number">Sum</th></tr></thead><tbody>${rows}</tbody></table>`;
}

export function orderDetail(order, isNew) {
  const rows = order.items.map(
    ({ productId, name, quantity, priceCents }) =>
      html`<tr><td>${quantity} ×</td><td><a href="/products/${productId}">${name}</a></td><td class="number">${money(priceCents * quantity)}</td></tr>`,
  );
  return html`<h1>Order ${order.id}</h1>${isNew && html`<p class="thanks">Thank you, ${order.customer}. We start digging.</p>`}
<p class="lead">Placed by ${order.customer} on ${dateTime(order.placedAt)}; ${order.status}.</p>
<table class="lines"><tbody>${rows}</tbody><tfoot><tr><td colspan="2">Total</td><td class="number"><b>${money(order.totalCents)}</b></td></tr></tfoot></table>
<p><a href="/orders">All orders</a></p>`;
}

/** item=7x2 fields → [{ id: 7, quantity: 2 }] */
export function readOrderForm(form) {
  return form.getAll('item').map((item) => {
    const [id, quantity] = item.split('x').map(Number);
    return { id, quantity };
  });
}
