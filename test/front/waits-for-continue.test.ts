import { expect, test } from 'vitest';
import type { Admitted } from '../../src/front/admit.ts';
import { waitsForContinue } from '../../src/front/waits-for-continue.ts';

function admitted(headers: string[], bodyLength: number | null, minorVersion: 0 | 1 = 1): Admitted {
  return { head: { headers, minorVersion }, bodyLength } as unknown as Admitted;
}

const EXPECT = ['Expect', '100-continue'];

test('a client with a body to send may wait', () => {
  expect(waitsForContinue(admitted(EXPECT, 5))).toBe(true);
  expect(waitsForContinue(admitted(EXPECT, null))).toBe(true);
  expect(waitsForContinue(admitted(['expect', '100-Continue'], 5))).toBe(true);
});

test('without a body, in HTTP/1.0, or with another expectation it does not', () => {
  expect(waitsForContinue(admitted(EXPECT, 0))).toBe(false);
  expect(waitsForContinue(admitted(EXPECT, 5, 0))).toBe(false);
  expect(waitsForContinue(admitted(['Expect', 'miracles'], 5))).toBe(false);
  expect(waitsForContinue(admitted([], 5))).toBe(false);
});
