import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawPlace, placeCookie, placeOf } from '../../src/decide/place.ts';

test.each<[string, readonly string[], number | null]>([
  ['none', [], null],
  ['its own', ['banyan=1234'], 1234],
  ['the lowest', ['banyan=0'], 0],
  ['the highest', ['banyan=9999'], 9999],
  ['among others', ['a=1; banyan=7; b=2'], 7],
  ['in a second field', ['a=1', 'banyan=7'], 7],
  ['two: the first', ['banyan=1; banyan=2'], 1],
  ['two, the first of them junk', ['banyan=x; banyan=2'], 2],
  ['two fields, the first of them junk', ['banyan=10000', 'banyan=2'], 2],
  ['another name that ends alike', ['xbanyan=1; banyan2=2; my-banyan=3'], null],
  ['another case', ['Banyan=1'], null],
])('%s', (_, cookies, place) => {
  expect(placeOf(cookies.flatMap((cookie) => ['Cookie', cookie]))).toBe(place);
});

test.each([
  ...['10000', '-1', '+1', '01', '00', '1.0', '1e3', '0x1', '1_000', '1 2', '"1"', '%31', '', 'feature'],
  ...['99999999999999999999', 'NaN', '__proto__', '\u0661', '1\u0000', '1,2', 'banyan=1'],
])('%j is no place', (value) => {
  expect(placeOf(['Cookie', `banyan=${value}`])).toBeNull();
});

test('one text for one place, and nothing else is one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (value) => {
      const place = placeOf(['cookie', `banyan=${value}`]);
      const text = value.split(';')[0]!.trim();
      expect(place).toBe(/^\d{1,4}$/.test(text) && String(Number(text)) === text ? Number(text) : null);
    }),
    { numRuns: 2_000 },
  );
});

test('what is set is what is read', () => {
  for (const place of [0, 1, 42, 9999]) {
    const [pair = ''] = placeCookie(place, false).split(';');
    expect(placeOf(['cookie', pair])).toBe(place);
  }
});

test('its attributes', () => {
  const text = 'banyan=42; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000';
  expect(placeCookie(42, false)).toBe(text);
  expect(placeCookie(42, true)).toBe(`${text}; Secure`);
});

test('a draw gives every place, and nothing beside them', () => {
  expect(drawPlace(() => 0)).toBe(0);
  expect(drawPlace(() => 1 - Number.EPSILON / 2)).toBe(9999);
  expect(drawPlace(() => 0.5)).toBe(5000);
});
