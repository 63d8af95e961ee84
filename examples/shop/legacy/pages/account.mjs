/** Log in, log out, who am I. Any name will do: it is an example. */
import { redirect, sendPage } from '../../kit/answer.mjs';
import { readForm } from '../../kit/body.mjs';
import { html } from '../../kit/html.mjs';
import { endSession, readSession, startSession } from '../../kit/session.mjs';
import { allOrders } from '../orders-api.mjs';
import { page } from './page.mjs';

export function loginForm(visit) {
  const body = html`<form class="panel" method="post" action="/login"><h1>Log in</h1>
${visit.query.has('again') && html`<p class="warning">A name, please.</p>`}
<input type="hidden" name="next" value="${visit.query.get('next') ?? '/account'}">
<label>Your name <input name="name" maxlength="40" autofocus></label>
<label>Password <input name="password" type="password" placeholder="none needed"></label>
<button>Log in</button></form>`;
  sendPage(visit.req, visit.res, page(visit, 'Log in', body));
}

export async function login({ req, res }) {
  const form = await readForm(req);
  const name = (form.get('name') ?? '').trim().slice(0, 40);
  if (name === '') return redirect(res, 303, '/login?again=1');
  startSession(res, name);
  redirect(res, 303, localPath(form.get('next')));
}

/** Only ever within the shop, whatever the form says. */
function localPath(next) {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next ?? '') ? next : '/account';
}

export function logout({ res }) {
  endSession(res);
  redirect(res, 302, '/');
}

export function show(visit) {
  const session = readSession(visit.req);
  if (!session) return redirect(visit.res, 302, '/login?next=/account');
  const mine = allOrders().filter((order) => order.customer === session.name).length;
  const body = html`<div class="panel"><h1>Hello, ${session.name}</h1>
<p>The monolith knows of ${mine === 1 ? 'one order' : `${mine} orders`} of yours. <a href="/orders">All orders</a></p>
<form method="post" action="/logout"><button class="quiet">Log out</button></form></div>`;
  sendPage(visit.req, visit.res, page(visit, 'Account', body));
}
