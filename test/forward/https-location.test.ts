import { expect, it } from 'vitest';
import { httpsLocation } from '../../src/forward/https-location.ts';

function asked(target: string, headers: readonly string[], path = target.split('?')[0]!) {
  const query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : null;
  return { head: { target, headers }, traits: { path, query }, peer: { secure: false } };
}

it.each([
  ['/a?b', ['Host', 'shop'], 443, false, 'https://shop/a?b'],
  ['/a', ['Host', 'shop:8080'], 443, false, 'https://shop/a'],
  ['/a', ['Host', 'shop:'], 8443, false, 'https://shop:8443/a'],
  ['/a', ['Host', '[::1]:8080'], 443, false, 'https://[::1]/a'],
  ['/a', ['Host', 'inner', 'X-Forwarded-Host', 'shop.test'], 443, true, 'https://shop.test/a'],
  ['/a', ['Host', 'inner', 'X-Forwarded-Host', 'shop.test'], 443, false, 'https://inner/a'],
  ['*', ['Host', 'shop'], 443, false, 'https://shop/'],
])('%s of %j at port %d (trusted: %s) is at %s', (target, headers, port, isTrusted, location) => {
  expect(httpsLocation(asked(target, headers), port, isTrusted)).toBe(location);
});

it('of an absolute form keeps path and query', () => {
  const absolute = asked('http://shop:80/a?b', ['Host', 'shop:80'], '/a');
  expect(httpsLocation(absolute, 443, false)).toBe('https://shop/a?b');
});

it('is nowhere without a host', () => {
  expect(httpsLocation(asked('/a', []), 443, false)).toBeNull();
});
