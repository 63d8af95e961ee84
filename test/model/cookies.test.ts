import { expect, test } from 'vitest';
import { cookiesOf, cookieValues } from '../../src/model/cookies.ts';

test('cookies are parted by semicolons, over all Cookie fields, trimmed', () => {
  const cookies = cookiesOf(['Cookie', 'a=1; b = two words ;c==3', 'X', 'a=9', 'cookie', 'd=']);
  expect([...cookies]).toEqual([
    ['a', '1'],
    ['b', 'two words'],
    ['c', '=3'],
    ['d', ''],
  ]);
});

test('of a repeated cookie the first counts', () => {
  expect(cookiesOf(['Cookie', 'a=1; a=2', 'Cookie', 'a=3']).get('a')).toBe('1');
});

test('what has no name is no cookie', () => {
  expect(cookiesOf(['Cookie', 'lonely; =nameless; ; a=1']).size).toBe(1);
  expect(cookiesOf([]).size).toBe(0);
});

test('every value of one cookie, in order', () => {
  const headers = ['Cookie', 'a=1; b=2;a = 3 ', 'X', 'a=9', 'cookie', 'aa=4; a=; =a; a'];
  expect(cookieValues(headers, 'a')).toEqual(['1', '3', '']);
  expect(cookieValues(headers, 'c')).toEqual([]);
});
