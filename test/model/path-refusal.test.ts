import { expect, test } from 'vitest';
import { refusalOfPath, refusalOfQuery } from '../../src/model/path-refusal.ts';

test.each([
  ['/a b', 'a raw space'],
  ['/a\tb', 'control character (9)'],
  ['/a\0', 'control character (0)'],
  ['/a\x7f', 'control character (127)'],
  ['/a#b', 'a raw #'],
  ['/a?b', 'a raw ?'],
  ['/a%00', '%00'],
  ['/a%', 'two hexadecimal digits'],
  ['/a%4', 'two hexadecimal digits'],
  ['/a%zz', 'two hexadecimal digits'],
  ['/%u0066', 'two hexadecimal digits'],
  ['/\u0142', 'not a byte'],
  ['a', 'does not begin with a slash'],
  ['', 'does not begin with a slash'],
])('the path %j is refused', (path, why) => {
  expect(refusalOfPath(path)).toContain(why);
});

test.each(['/%20', '/%0A', '/|{}^"<>`[]', '/\x80\xff', '/%2500', '/%ff', '/;', '/\\'])(
  'the path %j passes',
  (path) => {
    expect(refusalOfPath(path)).toBeNull();
  },
);

test.each([
  ['a b', 'a raw space'],
  ['a\r\n', 'control character (13)'],
  ['a#b', 'a raw #'],
  ['\u0142', 'not a byte'],
])('the query %j is refused', (query, why) => {
  expect(refusalOfQuery(query)).toContain(why);
});

test.each(['', 'a=1&b=%zz', 'q=%00', 'a=?/:@!', '"\x80', 'a=%20+|{}'])('the query %j passes', (query) => {
  expect(refusalOfQuery(query)).toBeNull();
});
