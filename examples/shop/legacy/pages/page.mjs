/** A page of the monolith's in the shop's frame. */
import { layout } from '../../kit/layout.mjs';
import { readCart, readSession } from '../../kit/session.mjs';

export function page({ req, query }, title, body) {
  return layout({
    title,
    body,
    service: 'legacy',
    stack: `Node ${process.versions.node}`,
    session: readSession(req),
    cart: readCart(req),
    query: query.get('q') ?? '',
  });
}
