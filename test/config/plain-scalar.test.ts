import { expect, it } from 'vitest';
import { plainScalar } from '../../src/config/plain-scalar.ts';

it.each([
  ['', null],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['nULL', 'nULL'],
  ['true', true],
  ['False', false],
  ['on', 'on'],
  ['yes', 'yes'],
  ['0', 0],
  ['-12', -12],
  ['+1', 1],
  ['007', 7],
  ['0o17', 15],
  ['0x1F', 31],
  ['1_000', '1_000'],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1e3', 1000],
  ['1:30', '1:30'],
  ['.inf', '.inf'],
  ['10%', '10%'],
  ['2024-01-01', '2024-01-01'],
])('%j is %j', (text, expected) => {
  expect(plainScalar(text)).toBe(expected);
});
