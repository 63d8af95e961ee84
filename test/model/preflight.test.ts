import { expect, test } from 'vitest';
import { preflightMethod } from '../../src/model/preflight.ts';
import { traitsOf } from '../support/traits.ts';

const HEADERS = { Origin: 'https://shop.test', 'Access-Control-Request-Method': 'PUT' };

test('OPTIONS with an origin that asks about a method, and nothing else', () => {
  expect(preflightMethod(traitsOf('/', { method: 'OPTIONS', headers: HEADERS }))).toBe('PUT');
  expect(preflightMethod(traitsOf('/', { method: 'GET', headers: HEADERS }))).toBeUndefined();
  expect(preflightMethod(traitsOf('/', { method: 'OPTIONS', headers: { Origin: 'x' } }))).toBeUndefined();
  const withoutOrigin = { 'Access-Control-Request-Method': 'PUT' };
  expect(preflightMethod(traitsOf('/', { method: 'OPTIONS', headers: withoutOrigin }))).toBeUndefined();
});
