/** 404 */
import { html } from '../../kit/html.mjs';
import { page } from './page.mjs';

export function notFoundPage(visit) {
  return page(
    visit,
    'Not found',
    html`<h1>Nothing grows here</h1><p>There is no page <code>${visit.path}</code>. <a href="/catalogue">To the plants</a></p>`,
  );
}
