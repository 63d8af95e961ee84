import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { literalHeadOf } from '../../src/model/path-regex-head.ts';

test.each([
  ['^/legacy-(a|b)/', '/legacy-', false],
  ['^/a$', '/a', true],
  ['^/a\\.b\\-c/', '/a.b-c/', false],
  ['^/ab?c', '/a', false],
  ['^/ab*', '/a', false],
  ['^/ab+', '/a', false],
  ['^/ab{2}', '/a', false],
  ['^/a\\d', '/a', false],
  ['^/a[bc]', '/a', false],
  ['^/a.b', '/a', false],
  ['^/a|/b', '', false],
  ['^/a(b|c)|d', '', false],
  ['^/a[|]b', '/a', false],
  ['^/a[]|]b', '/a', false],
  ['^/a[[:alpha:]|]b', '/a', false],
  ['^/a\\|b', '/a|b', false],
  ['^\\Q/a|b\\E', '', false],
  ['/a', '', false],
  ['(?i)^/a', '', false],
  ['^', '', false],
])('the head of %s is %j', (source, head, ends) => {
  expect(literalHeadOf(source)).toEqual({ head, ends });
});

test('whatever an expression takes begins with its head', () => {
  const piece = fc.constantFrom(
    '/',
    'a',
    'b',
    '\\.',
    'a?',
    'b*',
    '(a|b)',
    '[ab]',
    '[^/]',
    '|',
    'a{2}',
    '$',
    '.',
  );
  const char = fc.constantFrom('/', 'a', 'b', '.');
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 5 }),
      fc.array(fc.array(char, { maxLength: 6 }), { minLength: 30, maxLength: 30 }),
      (pieces, texts) => {
        const source = `^${pieces.join('')}`;
        const { head, ends } = literalHeadOf(source);
        const regex = RE2JS.compile(source);
        for (const text of texts.map((chars) => chars.join(''))) {
          if (!regex.test(text)) continue;
          expect(text.startsWith(head), `${source} takes ${text}`).toBe(true);
          if (ends) expect(text).toBe(head);
        }
      },
    ),
    { numRuns: 500 },
  );
});
