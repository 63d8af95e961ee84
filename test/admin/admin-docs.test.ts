/** docs/admin.md against the listener's own page. */
import { expect, it } from 'vitest';
import { indexPage } from '../../src/admin/index-page.ts';
import { pageAt } from '../support/markdown.ts';

it('docs/admin.md has every page that the listener lists, and no other', () => {
  const listed = [...indexPage().matchAll(/href="([^"?]*)/g)].map(([, path]) => path);
  const documented = [...pageAt('docs/admin.md').text.matchAll(/^\| `(\/\S*)` \|/gm)].map(([, path]) => path);
  expect(documented).toEqual(['/', ...listed]);
});
