import { expect, test } from 'vitest';
import { foldCase, formOf, literalForm } from '../../src/model/path-form.ts';

const SENSITIVE = { caseSensitive: true };

test.each([
  ['/a;b=1/c;d', '/a/c'],
  ['/c%2b%2B', '/c++'],
  ['/%40me%3a', '/@me:'],
  ['/a%2fb%2F', '/a%2Fb%2F'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/caf\xc3\xa9', '/caf%C3%A9'],
  ['/a|b', '/a%7Cb'],
  ['/a%7cb', '/a%7Cb'],
  ['/a\\b', '/a%5Cb'],
  ['/%3Bx', '/%3Bx'],
  ['/%25%32', '/%252'],
  ['/100%', '/100%25'],
])('the form of %s is %s', (path, form) => {
  expect(formOf(path, SENSITIVE)).toBe(form);
});

test('a form leaves triplets of unreserved characters alone if told so, and folds case if told so', () => {
  expect(formOf('/%61%2b', { caseSensitive: true, keepEncoded: true })).toBe('/%61+');
  expect(formOf('/Ab%c3%89', { caseSensitive: false })).toBe('/ab%c3%89');
});

test('letters outside A to Z are not folded: they are bytes of something else', () => {
  expect(foldCase('ABCxyz\xc3\x89')).toBe('abcxyz\xc3\x89');
});

test.each([
  ['orders', 'orders'],
  ['café', 'caf%C3%A9'],
  ['c++', 'c++'],
  ['a b', 'a%20b'],
  ['a%20b', 'a%20b'],
  ['%41', 'A'],
  ['a;b', 'a%3Bb'],
])('the literal %s is matched as %s', (segment, form) => {
  expect(literalForm(segment, SENSITIVE)).toBe(form);
});
