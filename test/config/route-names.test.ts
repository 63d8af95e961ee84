import { describe, expect, it } from 'vitest';
import { routeNames } from '../../src/config/route-names.ts';

describe('routeNames', () => {
  it('gives the first unnamed route of a feature its name, and others their path', () => {
    const routes = [
      { to: 'orders', match: { prefix: '/api/orders' } },
      { to: 'orders', match: { path: '/o' } },
      { to: 'legacy', match: { prefix: '/x' } },
      { redirect: { to: '/y' }, match: { any: [{ path: '/r' }] } },
      { respond: {} },
      { to: 'orders', match: { regex: '^/a b#' } },
    ];
    expect(routeNames(routes)).toEqual([
      'orders',
      'orders:/o',
      'legacy:/x',
      'redirect:/r',
      'respond:/',
      'orders:^/a_b_',
    ]);
  });

  it('numbers clashes, and never takes a written name away', () => {
    const routes = [
      { to: 'orders' },
      { to: 'legacy', match: { prefix: '/a' } },
      { to: 'legacy', match: { prefix: '/a' } },
      { to: 'legacy', match: { prefix: '/a' } },
      { name: 'orders', to: 'legacy' },
      { name: 'legacy:/a#2', to: 'legacy' },
    ];
    const names = routeNames(routes);
    expect(names).toEqual(['orders#2', 'legacy:/a', 'legacy:/a#3', 'legacy:/a#4', 'orders', 'legacy:/a#2']);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names thousands of clashes in linear time', () => {
    const names = routeNames(Array.from({ length: 20_000 }, () => ({ to: 'legacy' })));
    expect(names.at(-1)).toBe('legacy:/#20000');
  });
});
