import { describe, expect, it } from 'vitest';
import { isUsableRequestId, newRequestId, requestIdFor } from '../../src/observe/request-id.ts';

describe('a request id', () => {
  it('is never given twice, and is usable itself', () => {
    const ids = new Set(Array.from({ length: 50_000 }, newRequestId));
    expect(ids.size).toBe(50_000);
    expect([...ids].every(isUsableRequestId)).toBe(true);
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
