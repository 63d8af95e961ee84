/** The frame around every page, the same whoever makes it, and the badge in the footer that says who did. */
import { hostname } from 'node:os';
import { html } from './html.mjs';

/**
 * @param {object} page
 * @param {string} page.title
 * @param {unknown} page.body
 * @param {string} page.service who answers: `legacy`, `orders`
 * @param {string} page.stack what it is written in, for the badge
 * @param {{ name: string } | null} page.session
 * @param {{ quantity: number }[]} page.cart
 * @param {string} [page.query] what was searched for
 */
export function layout({ title, body, service, stack, session, cart, query = '' }) {
  const inCart = cart.reduce((sum, item) => sum + item.quantity, 0);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Root &amp; Branch</title>
<link rel="icon" href="/static/leaf.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/shop.css">
<script src="/static/shop.js" defer></script>
</head>
<body>
<header class="top">
  <div class="wrap">
    <a class="brand" href="/"><img src="/static/leaf.svg" alt="" width="30" height="30">Root &amp; Branch</a>
    <nav><a href="/catalogue">Plants</a><a href="/photos">Your photos</a><a href="/orders">Orders</a></nav>
    <form class="search" action="/search" role="search">
      <input name="q" type="search" placeholder="Search plants …" value="${query}" autocomplete="off" aria-label="Search">
      <div class="suggestions" hidden></div>
    </form>
    <a class="account" href="${session ? '/account' : '/login'}">${session ? session.name : 'Log in'}</a>
    <a class="cart" href="/cart">Cart${inCart > 0 && html` <b>${inCart}</b>`}</a>
  </div>
</header>
<main class="wrap">${body}</main>
<footer>
  <div class="wrap">
    <p>Root &amp; Branch, plants since 1987. An example: nothing here is for sale.</p>
    <p class="side side-${service === 'legacy' ? 'legacy' : 'feature'}">answered by <b>${service}</b>
      <span>${stack} · ${hostname()}</span></p>
  </div>
</footer>
</body>
</html>
`;
}
