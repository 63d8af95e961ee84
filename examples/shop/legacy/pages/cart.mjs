/** The cart; changing it answers with an absolute address made from Host, as the framework of old did. */
import { redirect, sendPage } from '../../kit/answer.mjs';
import { readForm } from '../../kit/body.mjs';
import { html, money } from '../../kit/html.mjs';
import { readCart, readSession, writeCart } from '../../kit/session.mjs';
import { cartLines, cartTotal, withQuantity } from '../cart-api.mjs';
import { findProduct, withTax } from '../catalogue.mjs';
import { page } from './page.mjs';

export function show(visit) {
  const lines = cartLines(readCart(visit.req));
  const body = lines.length === 0 ? empty() : full(lines, readSession(visit.req));
  sendPage(visit.req, visit.res, page(visit, 'Cart', html`<h1>Your cart</h1>${body}`));
}

function empty() {
  return html`<p class="lead">It is empty. <a href="/catalogue">Have a look around</a></p>`;
}

function full(lines, session) {
  const total = cartTotal(lines);
  const rows = lines.map(
    ({
      product,
      quantity,
      sumCents,
    }) => html`<tr><td><img src="/products/${product.id}/picture.svg" alt="" width="56" height="56"></td>
<td><a href="/products/${product.id}">${product.name}</a></td>
<td><form method="post" action="/cart" class="quantity"><input type="hidden" name="id" value="${product.id}"><input type="hidden" name="set" value="1">
<input name="quantity" type="number" min="0" max="99" value="${quantity}" aria-label="Quantity"><button class="quiet">Change</button></form></td>
<td class="number">${money(sumCents)}</td></tr>`,
  );
  const items = lines.map(
    ({ product, quantity }) => html`<input type="hidden" name="item" value="${product.id}x${quantity}">`,
  );
  return html`<table class="lines"><tbody>${rows}</tbody><tfoot><tr><td colspan="3">Total, ${money(withTax(total))} with tax</td><td class="number"><b>${money(total)}</b></td></tr></tfoot></table>
${session ? html`<form method="post" action="/orders" class="right">${items}<button>Place the order</button></form>` : html`<p class="right"><a class="button" href="/login?next=/cart">Log in to order</a></p>`}`;
}

export async function change({ req, res }) {
  const form = await readForm(req);
  const product = findProduct(form.get('id'));
  const quantity = Math.floor(Number(form.get('quantity') ?? 1));
  if (product && quantity >= 0) {
    const cart = readCart(req);
    const before = form.has('set') ? 0 : (cart.find((item) => item.id === product.id)?.quantity ?? 0);
    writeCart(res, withQuantity(cart, product.id, Math.min(before + quantity, 99)));
  }
  const scheme = req.headers['x-forwarded-proto'] ?? 'http';
  redirect(res, 302, `${scheme}://${req.headers.host}/cart`);
}
