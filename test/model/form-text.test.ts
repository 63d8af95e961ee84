import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formDecoded } from '../../src/model/form-text.ts';

test('plus is a space, triplets are bytes, bad ones stand for themselves', () => {
  expect(formDecoded('a+b%2Bc%e9')).toBe('a b+c\xe9');
  expect(formDecoded('100%')).toBe('100%');
  expect(formDecoded('%zz%4')).toBe('%zz%4');
});

test('it is decoded once', () => {
  expect(formDecoded('%2541')).toBe('%41');
});

test('what URLSearchParams writes of ASCII is read back', () => {
  const ascii = fc.string({
    unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(ascii, (text) => {
      const written = new URLSearchParams([['q', text]]).toString().slice(2);
      expect(formDecoded(written)).toBe(text);
    }),
  );
});
