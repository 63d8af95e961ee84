import { describe, expect, it } from 'vitest';
import { RAW_CASES } from '../front/wire/raw-cases.ts';
import { readRequests } from './reference-requests.ts';

/** The reference, held against the table by which the wire front is tested: two readings of RFC 9112, written apart. */

describe.each(Object.entries(RAW_CASES))('%s', (_, cases) => {
  // What the front takes must be sound; it may refuse more than the grammar does.
  it.each(cases.filter(({ status }) => status === 200))('takes $what', ({ bytes }) => {
    const { requests, rest, why } = readRequests(bytes);
    expect({ rest, why }).toEqual({ rest: 'nothing', why: '' });
    expect(requests.length).toBeGreaterThan(0);
  });
});

it('refuses most of what the front refuses as malformed', () => {
  const refused = Object.values(RAW_CASES)
    .flat()
    .filter(({ status }) => status === 400);
  const taken = refused.filter(({ bytes }) => readRequests(bytes).rest === 'nothing').map(({ what }) => what);
  expect(refused.length).toBeGreaterThan(100);
  // It does not read hosts as closely, and has no limits.
  expect(taken.length, taken.join(', ')).toBeLessThan(refused.length / 5);
});
