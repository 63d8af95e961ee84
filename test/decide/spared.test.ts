import { expect, test } from 'vitest';
import { sparedByLegacyOnly } from '../../src/decide/spared.ts';
import { type TableSketch, tableOf } from '../support/table.ts';

const ROUTES = [
  { name: 'orders', prefix: '/orders', to: 'orders' },
  { name: 'cart', prefix: '/cart', to: 'cart' },
  { name: 'cart-old', prefix: '/basket', to: 'cart' },
  { name: 'gone', path: '/gone', respond: { status: 410 } },
  { name: 'moved', path: '/moved', redirect: { to: '/x' } },
  { name: 'hole', prefix: '/cart/hole', to: 'legacy' },
];

const CART = { name: 'cart', why: 'done' };
const GONE = { name: 'gone', why: 'respond' };
const MOVED = { name: 'moved', why: 'redirect' };

test.each<[string, NonNullable<TableSketch['legacyOnly']>, object[]]>([
  ['nothing is named', {}, []],
  ['everything', { everything: true }, [CART, GONE, MOVED]],
  ['a feature that is done', { features: ['cart', 'orders'] }, [CART]],
  [
    'a route of a feature that is done',
    { routes: ['cart-old', 'orders'] },
    [{ name: 'cart-old', why: 'done' }],
  ],
  ['routes without a backend', { routes: ['gone', 'moved', 'hole'] }, [GONE, MOVED]],
])('%s', (_, legacyOnly, expected) => {
  expect(sparedByLegacyOnly(tableOf(ROUTES, { stages: { cart: 'done' }, legacyOnly }))).toEqual(expected);
});
