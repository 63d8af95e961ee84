/**
 * Who is here and what is in the cart. Both are in cookies, the session's signed with SHOP_SECRET, so that a service
 * split out of the shop knows its customers without asking the monolith.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

const SECRET = process.env.SHOP_SECRET ?? 'for-the-example-only';
const SESSION = 'shop_session';
const CART = 'shop_cart';

export function readCookies(req) {
  const cookies = {};
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0) cookies[pair.slice(0, at).trim()] ??= pair.slice(at + 1).trim();
  }
  return cookies;
}

function sign(text) {
  return createHmac('sha256', SECRET).update(text).digest('base64url');
}

/** @returns {{ id: string, name: string } | null} */
export function readSession(req) {
  const [payload = '', signature = ''] = (readCookies(req)[SESSION] ?? '').split('.');
  const expected = Buffer.from(sign(payload));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

export function startSession(res, name) {
  const payload = Buffer.from(JSON.stringify({ id: randomUUID(), name })).toString('base64url');
  appendCookie(res, `${SESSION}=${payload}.${sign(payload)}; Path=/; HttpOnly; SameSite=Lax`);
}

export function endSession(res) {
  appendCookie(res, `${SESSION}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`);
}

/** `shop_cart=7.2-12.1` is two of product 7 and one of 12. */
export function readCart(req) {
  return (readCookies(req)[CART] ?? '').split('-').flatMap((pair) => {
    const [id, quantity] = pair.split('.').map(Number);
    return id > 0 && quantity > 0 && quantity < 100 ? [{ id, quantity }] : [];
  });
}

export function writeCart(res, cart) {
  const value = cart
    .filter(({ quantity }) => quantity > 0)
    .map(({ id, quantity }) => `${id}.${Math.min(quantity, 99)}`)
    .join('-');
  appendCookie(res, `${CART}=${value}; Path=/; SameSite=Lax${value ? '' : '; Max-Age=0'}`);
}

function appendCookie(res, cookie) {
  res.setHeader('set-cookie', [...(res.getHeader('set-cookie') ?? []), cookie]);
}
