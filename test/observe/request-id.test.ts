import { describe, expect, it } from 'vitest';
import { isUsableRequestId, newRequestId, requestIdFor } from '../../src/observe/request-id.ts';

describe('a request id', () => {
  it('is never given twice, and is usable itself', () => {
    const ids = new Set(Array.from({ length: 50_000 }, newRequestId));
    expect(ids.size).toBe(50_000);
    expect([...ids].every(isUsableRequestId)).toBe(true);
  });

  it('is a UUID of version 4, random in each of its other 122 bits', () => {
    const ids = Array.from({ length: 20_000 }, newRequestId);
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(ids.filter((id) => !uuid.test(id))).toEqual([]);
    const ones = new Array<number>(128).fill(0);
    for (const id of ids) {
      const bits = BigInt(`0x${id.replaceAll('-', '')}`)
        .toString(2)
        .padStart(128, '0');
      for (let i = 0; i < 128; i++) if (bits[i] === '1') ones[i] = (ones[i] as number) + 1;
    }
    const fixed = ones.flatMap((count, bit) => (count === 0 || count === ids.length ? [bit] : []));
    expect(fixed).toEqual([48, 49, 50, 51, 64, 65]);
    // Eight standard deviations to either side.
    const uneven = ones.filter((count, bit) => !fixed.includes(bit) && Math.abs(count - 10_000) > 570);
    expect(uneven).toEqual([]);
  });

  it.each(['a', 'x'.repeat(128), 'req-1_2.3:4/5=', '"<>'])('%s of a trusted peer is kept', (id) => {
    expect(requestIdFor(id, true)).toBe(id);
  });

  it.each(['', 'x'.repeat(129), 'a b', 'a\tb', 'a\r\nb', 'é', '\x7f'])('%j is replaced', (id) => {
    expect(requestIdFor(id, true)).not.toBe(id);
  });

  it('of an untrusted peer is replaced; a missing one is made', () => {
    expect(requestIdFor('mine', false)).not.toBe('mine');
    expect(requestIdFor(undefined, true)).toMatch(/^[0-9a-f-]{36}$/);
  });
});
