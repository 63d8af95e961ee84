import { expect, it } from 'vitest';
import { measureShadowLoad } from '../support/shadow-load.ts';

/** A small edition of test/full/shadow-load.test.ts: what is counted must be right, times are only looked at coarsely. */

it('copies under load: nothing that is served fails, and no write is copied that was not named', async () => {
  const requests = 600;
  const { off, on, hanging, writes, memory } = await measureShadowLoad({
    requests,
    rounds: 2,
    clients: 8,
    pauseMs: 1,
  });
  for (const { answered, failed } of [off, on, hanging, writes])
    expect([answered, failed]).toEqual([requests, []]);
  const reads = requests * 0.9;
  expect([off.copies, off.dropped]).toEqual([{}, 0]);
  expect(Object.keys(on.copies)).toEqual(['GET']);
  expect((on.copies['GET'] ?? 0) + on.dropped).toBe(reads);
  expect((writes.copies['GET'] ?? 0) + (writes.copies['POST'] ?? 0) + writes.dropped).toBe(requests);
  expect(writes.copies['POST'] ?? 0).toBeLessThanOrEqual(requests * 0.1);
  expect(writes.copies['POST'] ?? 0).toBeGreaterThan(0);
  // What hangs takes its places, and the rest is dropped at once.
  expect(Object.keys(hanging.copies)).toEqual([]);
  expect(hanging.dropped).toBe(reads);
  expect(hanging.p99).toBeLessThan(off.p99 * 3 + 50);
  expect(memory.highest - memory.before).toBeLessThan(64 * 2 ** 20);
});
