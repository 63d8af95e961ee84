import { expect, test } from 'vitest';
import { isPubliclyCacheable } from '../../src/forward/publicly-cacheable.ts';

const DATE = 'Mon, 23 Nov 2026 08:00:00 GMT';
const LATER = 'Mon, 23 Nov 2026 09:00:00 GMT';
const EARLIER = 'Thu, 19 Nov 1981 08:52:00 GMT';

test.each<[boolean, Readonly<Record<string, string>>]>([
  [false, {}],
  [false, { 'Last-Modified': EARLIER, ETag: '"a"' }],
  [true, { 'Cache-Control': 'public' }],
  [true, { 'cache-control': 'PUBLIC, max-age=0' }],
  [true, { 'Cache-Control': 'max-age=60' }],
  [true, { 'Cache-Control': 'max-age="60", must-revalidate' }],
  [true, { 'Cache-Control': 'max-age=0, s-maxage=60' }],
  [true, { 'Cache-Control': 'no-cache, s-maxage=60' }],
  [true, { 'Cache-Control': 'must-revalidate', Expires: LATER, Date: DATE }],
  [true, { Expires: LATER, Date: DATE }],
  [true, { Expires: LATER }],
  [true, { 'Cache-Control': 'private', 'CDN-Cache-Control': 'max-age=60' }],
  [false, { 'Cache-Control': 'max-age=0' }],
  [false, { 'Cache-Control': 'max-age=0', Expires: LATER, Date: DATE }],
  [false, { 'Cache-Control': 'max-age=60, s-maxage=0' }],
  [false, { 'Cache-Control': 'max-age=soon' }],
  [false, { 'Cache-Control': 'private, max-age=60' }],
  [false, { 'Cache-Control': 'private="x-a", max-age=60' }],
  [false, { 'Cache-Control': 'public, no-store' }],
  [false, { 'Cache-Control': 'no-cache' }],
  [false, { 'Cache-Control': 'no-store, no-cache, must-revalidate', Expires: EARLIER }],
  [false, { 'Cache-Control': 'no-cache, private' }],
  [false, { 'CDN-Cache-Control': 'no-store' }],
  [false, { 'Cache-Control': 'public, max-age=60', Vary: '*' }],
  [true, { 'Cache-Control': 'public, max-age=60', Vary: 'Cookie, Accept-Encoding' }],
  [false, { Expires: EARLIER, Date: DATE }],
  [false, { Expires: DATE, Date: DATE }],
  [false, { Expires: '0' }],
  [false, { Expires: '-1', Date: DATE }],
])('%s: %j', (expected, headers) => {
  expect(isPubliclyCacheable(Object.entries(headers).flat())).toBe(expected);
});

test('fields that are repeated count together', () => {
  expect(isPubliclyCacheable(['Cache-Control', 'max-age=60', 'Cache-Control', 'private'])).toBe(false);
});
