import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodedTwice,
  mayBeReadOtherwise,
  overlongDecoded,
  READINGS,
  REDECODINGS,
  trailingCut,
} from '../../src/model/path-readings.ts';

const ALL = [...REDECODINGS, ...READINGS];

describe.each([
  ['%2F as a separator', '/a%2fb%2Fc', '/a/b/c'],
  ['\\ as a separator', '/a\\b', '/a/b'],
  ['%5C as a separator', '/a%5cb%5C', '/a/b/'],
  [';parameters cut before dot segments are resolved', '/a;x=1/..;y/b', '/a/../b'],
  [';parameters cut after decoding', '/a;x\\b', '/a'],
  ['tab, CR and LF removed', '/a%09b%0Ac%0d/', '/abc/'],
  ['raw bytes 0x85 and 0xA0 at the end cut', '/a\x85b\xa0\x85', '/a\x85b'],
  ['%3F as the beginning of the query', '/a%3Fb%3fc', '/a'],
  ['%3B as the beginning of parameters', '/a%3bx/..%3B/b', '/a;x/..;/b'],
  ['trailing dots and spaces of segments cut', '/a./b%20/c', '/a/b/c'],
  ['decoded twice', '/%2561', '/%61'],
  ['overlong UTF-8 decoded', '/%c0%afa', '/%2Fa'],
])('%s', (name, path, expected) => {
  const reading = ALL.find((one) => one.name === name);

  test(`${path} is read as ${expected}`, () => {
    expect(reading?.applies(path)).toBe(true);
    expect(reading?.read(path)).toBe(expected);
  });

  test('an ordinary path is read as it is', () => {
    expect(reading?.applies('/a/b%C3%A9/c%20d')).toBe(false);
  });
});

test('every reading has its case above', () => {
  expect(ALL).toHaveLength(12);
});

test.each([
  ['/%252e%252E', '/%2e%2E'],
  ['/%25u0066eature', '/%66eature'],
  ['/%25u00e9', '/%C3%A9'],
  ['/a%2500.x', '/a'],
  ['/%2500', '/'],
  ['/%25zz', '/%zz'],
])('decoded twice, %s is %s', (path, expected) => {
  expect(decodedTwice(path)).toBe(expected);
});

test.each([
  ['/%c0%ae%C0%AE', '/%2E%2E'],
  ['/%c1%9c', '/%5C'],
  ['/%c0%2f', '/%2F'],
  ['/%e0%80%af', '/%2F'],
  ['/%e0%81%a6', '/%66'],
  ['/%f0%80%80%ae', '/%2E'],
  ['/\xc0\xae', '/%2E'],
  ['/%c0\xaf', '/%2F'],
  ['/%c3%a9', '/%c3%a9'],
  ['/%e0%a4%85', '/%e0%a4%85'],
  ['/%c0', '/%c0'],
])('overlong %s is %s', (path, expected) => {
  expect(overlongDecoded(path)).toBe(expected);
});

test.each([
  ['/a.', '/a'],
  ['/a...%20./b', '/a/b'],
  ['/..%20/a', '/../a'],
  ['/.%20%20/a', '/./a'],
  ['/%2e%2E%20/a', '/../a'],
  ['/.../a', '//a'],
  ['/a./b.;x', '/a/b.;x'],
  ['/../a', '/../a'],
  ['/a.b/.c', '/a.b/.c'],
])('trailing dots and spaces cut, %s is %s', (path, expected) => {
  expect(trailingCut(path)).toBe(expected);
});

test('where the sign of a reading is missing, no reading changes the path', () => {
  const piece = fc.constantFrom(
    ...['/', 'a', '.', '..', ';', '\\', '%2e', '%20', '%25', '%2f', '%5C', '%3b', '%3F', '%0a', '%C0', '%af'],
    ...['%E0', '%80', '%F0', '\xc0', '\xaf', '%c3', '%a9', '%41', '|', '\xe9'],
  );
  let without = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
      const path = `/${pieces.join('')}`;
      for (const reading of ALL) {
        if (reading.applies(path)) continue;
        expect(reading.read(path), reading.name).toBe(path);
      }
      if (mayBeReadOtherwise(path)) return;
      without += 1;
      for (const reading of ALL) expect(reading.applies(path), reading.name).toBe(false);
    }),
    { numRuns: 5_000 },
  );
  expect(without).toBeGreaterThan(100);
});
