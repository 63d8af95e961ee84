import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formOf } from '../../src/model/path-form.ts';
import { normalPathOf } from '../../src/model/path-normal.ts';
import { isPlainPath } from '../../src/model/path-plain.ts';
import { mayBeReadOtherwise, READINGS, REDECODINGS } from '../../src/model/path-readings.ts';
import { refusalOfPath } from '../../src/model/path-refusal.ts';

test.each(['/', '/a', '/a/', '/api/orders/7', "/a-b_c~d!$&'()*+,=:@", '/a.b/c.css', '/A'])(
  '%s is plain',
  (path) => {
    expect(isPlainPath(path)).toBe(true);
  },
);

test.each([
  ...['', '*', 'a', '//', '/a//b', '/./a', '/a/.', '/a/..', '/.hidden', '/a.', '/a./b', '/a..b'],
  ...['/%61', '/a;b', '/a\\b', '/a b', '/a|b', '/a#', '/a?', '/\xe9', '/\u0100', '/a\0', '/a{b}'],
])('%s is not', (path) => {
  expect(isPlainPath(path)).toBe(false);
});

test('a plain path is its own normal form and its own form, is not refused, and has no other reading', () => {
  const piece = fc.constantFrom('/', 'a', 'Z', '.', '..', '7', '@', '%41', ';', '\\', '+', '%', ' ', '|');
  let plain = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const path = `/${pieces.join('')}`;
      if (!isPlainPath(path)) return;
      plain += 1;
      expect(refusalOfPath(path)).toBeNull();
      expect(normalPathOf(path, true)).toBe(path);
      expect(normalPathOf(path, false)).toBe(path);
      expect(formOf(path, { caseSensitive: true })).toBe(path);
      expect(mayBeReadOtherwise(path)).toBe(false);
      for (const reading of [...REDECODINGS, ...READINGS]) expect(reading.read(path)).toBe(path);
    }),
    { numRuns: 3_000 },
  );
  expect(plain).toBeGreaterThan(50);
});
