import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUnreserved, normalPathOf, withTail } from '../../src/model/path-normal.ts';

test.each([
  ['/', '/'],
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/../../a', '/a'],
  ['/a/..', '/'],
  ['/a/.', '/a/'],
  ['/a/b/..', '/a/'],
  ['//a///b//', '/a/b/'],
  ['/%61%2Fb', '/a%2Fb'],
  ['/%2e%2E/a', '/a'],
  ['/%7Euser/%2D%5f', '/~user/-_'],
  ['/a;b=1/../c;d', '/c;d'],
  ['/..;/a', '/..;/a'],
  ['/...', '/...'],
  ['/a//../b', '/a/b'],
  ['/caf%c3%a9/%20', '/caf%c3%a9/%20'],
  ['/%2561', '/%2561'],
])('N of %s is %s', (path, normal) => {
  expect(normalPathOf(path, true)).toBe(normal);
});

test('slashes stay unmerged if told so', () => {
  expect(normalPathOf('//a//./b/..//c', false)).toBe('//a///c');
});

test.each([
  [{ resolve: true, merge: 'before' }, '/b/c'],
  [{ resolve: true, merge: 'after' }, '/a/b/c'],
  [{ resolve: true, merge: 'never' }, '/a/b//c'],
  [{ resolve: false, merge: 'after' }, '/a/../b/c'],
  [{ resolve: false, merge: 'never' }, '/a//../b//c'],
] as const)('/a//../b//c with %j is %s', (tail, expected) => {
  expect(withTail('/a//../b//c', tail)).toBe(expected);
});

test('every unreserved triplet is decoded, and no other', () => {
  for (let code = 0; code < 256; code += 1) {
    const triplet = `%${code.toString(16).padStart(2, '0')}`;
    const char = String.fromCharCode(code);
    expect(decodeUnreserved(triplet)).toBe(/[A-Za-z0-9\-._~]/.test(char) ? char : triplet);
    expect(decodeUnreserved(triplet.toUpperCase())).toBe(
      /[A-Za-z0-9\-._~]/.test(char) ? char : triplet.toUpperCase(),
    );
  }
});

test('N is its own normal form, and holds neither dot segments nor, merged, empty segments', () => {
  const piece = fc.constantFrom('/', '/', '.', '..', 'a', '%2e', '%2f', ';x', '%25', '%61');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, merge) => {
      const normal = normalPathOf(`/${pieces.join('')}`, merge);
      expect(normalPathOf(normal, merge)).toBe(normal);
      expect(normal).toMatch(/^\//);
      expect(normal.split('/').filter((segment) => segment === '.' || segment === '..')).toEqual([]);
      if (merge) expect(normal).not.toContain('//');
    }),
    { numRuns: 2_000 },
  );
});
