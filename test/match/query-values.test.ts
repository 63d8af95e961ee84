import { expect, test } from 'vitest';
import { queryValues } from '../../src/match/query-values.ts';

test.each<[string, Record<string, string[]>]>([
  ['', {}],
  ['a=1&b=2', { a: ['1'], b: ['2'] }],
  ['a', { a: [''] }],
  ['a=&=b', { a: [''], '': ['b'] }],
  ['a=1&&a=2&a=1', { a: ['1', '2'] }],
  ['a=b=c', { a: ['b=c'] }],
  ['a%20b=c+d%2Be', { 'a b': ['c d+e'] }],
  ['a=%zz%4', { a: ['%zz%4'] }],
  ['a=%C3%BC', { a: ['\xc3\xbc'] }],
  ['__proto__=1', { ['__proto__']: ['1'] }],
])('%s', (query, expected) => {
  expect([...queryValues(query)]).toEqual(Object.entries(expected));
});
