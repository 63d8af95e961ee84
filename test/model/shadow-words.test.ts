import { expect, it } from 'vitest';
import { readinessOf } from '../../src/compare/readiness.ts';
import type { FieldStatus } from '../../src/model/shadow-report.ts';
import {
  acceptWords,
  fieldWords,
  ignoreBlock,
  numberText,
  percentText,
  readinessWords,
} from '../../src/model/shadow-words.ts';

const fieldOf = (field: string, kind: FieldStatus['kind'], apart: number | null = null): FieldStatus => ({
  field,
  kind,
  apart,
  count: 1,
  lastAt: 0,
  examples: [],
});

it.each([
  ['status', 'value', 'the status is another'],
  ['header content-type', 'value', 'the header "content-type" has another value'],
  ['header location', 'missing', 'the header "location" is missing'],
  ['$', 'type', 'the whole document is of another type'],
  ['$[*]', 'value', 'an entry has another value'],
  ['$.tags[*]', 'missing', 'an entry of "tags" is missing'],
  ['$[*].a', 'type', '"a" in the entries is of another type'],
  ['$.a[*][*]', 'order', 'the entries of an entry of the entries of "a" come in another order'],
  ['$.total', 'extra', '"total" is new: legacy does not have it'],
  ['$.items[*].origin', 'missing', '"origin" in the entries of "items" is missing'],
  ['$.a.b.c.d', 'null', '"d" in "c" in "b" is null on one side and missing on the other'],
  ["$['it\\'s'].x", 'type', '"x" in "it\'s" is of another type'],
  ['$.items', 'order', 'the entries of "items" come in another order'],
  ['$.items', 'entries', '"items" has other entries'],
  ['text near "<b>"', 'value', 'the text near "<b>" differs'],
  ['body', 'value', 'the body differs'],
  ['more fields', 'value', 'there are more fields that differ'],
] as const)('%s, %s: %s', (field, kind, words) => {
  expect(fieldWords(fieldOf(field, kind))).toBe(words);
});

it('says how far numbers are apart, and what would make that count no more', () => {
  const price = fieldOf('$.price', 'value', 0.010000000000001563);
  expect(fieldWords(price)).toBe('"price" is another number, at most 0.01 apart');
  expect(acceptWords(price)).toBe('tolerance: { "$.price": 0.01 }');
  expect(acceptWords(fieldOf('$.price', 'value', 0.01234567))).toBe('tolerance: { "$.price": 0.0124 }');
  expect(acceptWords(fieldOf('$.price', 'value', 1234.5))).toBe('tolerance: { "$.price": 1240 }');
  expect(acceptWords(fieldOf('$.items', 'order'))).toBe('unordered: ["$.items"]');
  expect(acceptWords(fieldOf('$.a', 'null'))).toBe('null_is_missing: true');
  expect(acceptWords(fieldOf('$.a', 'missing'))).toBeNull();
  expect(acceptWords(fieldOf('status', 'value', 1))).toBeNull();
});

it('never rounds a share to more than it is', () => {
  expect([0.99999, 0.995, 0.5, 0.004, 0.000001, 0, 1].map(percentText)).toEqual([
    '99.99 %',
    '99.5 %',
    '50 %',
    '0.4 %',
    '0.01 %',
    '0 %',
    '100 %',
  ]);
  expect([0, 999, 1_000, 1_234_567].map(numberText)).toEqual(['0', '999', '1 000', '1 234 567']);
});

it('says of 100 % what was found, and no confidence', () => {
  expect(readinessWords(readinessOf(50, 50, { match: 1, min: 50 }), [])).toBe(
    'Ready: all 50 answers were the same.',
  );
});

it('makes a block to be pasted, of JSONPaths alone', () => {
  const noise = [fieldOf('$.a', 'value'), fieldOf('$.a', 'missing'), fieldOf('header date', 'value')];
  expect(ignoreBlock('orders', noise)).toBe(
    'features:\n  orders:\n    shadow:\n      compare:\n        ignore:\n          - "$.a"\n',
  );
  expect(ignoreBlock('7 up: x', [fieldOf('$.a', 'value')])).toContain('  "7 up: x":\n');
  expect(ignoreBlock('orders', [fieldOf('header date', 'value')])).toBe('');
});
