import { expect, it } from 'vitest';
import { measureShadowLoad } from '../support/shadow-load.ts';

/** 10 000 requests each: without copies, with, with a feature that never answers them, and with writes. */

it('10 000 shadowed requests at load: none fails, writes are copied only where they are named, p99 stays', async () => {
  const requests = 10_000;
  const figures = await measureShadowLoad({ requests, rounds: 10, clients: 16, pauseMs: 4 });
  const { off, on, hanging, writes, memory } = figures;
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  for (const [name, side] of Object.entries({ off, on, hanging, writes }))
    console.log(
      `shadow ${name}: p50 ${side.p50.toFixed(2)} ms, p99 ${side.p99.toFixed(2)} ms, failed ${side.failed.length}, copies ${JSON.stringify(side.copies)}, dropped ${side.dropped}`,
    );
  console.log(
    `memory: ${mib(memory.before)} before, ${mib(memory.highest)} at most, ${mib(memory.after)} after`,
  );
  for (const { answered, failed } of [off, on, hanging, writes])
    expect([answered, failed]).toEqual([requests, []]);
  expect(off.copies).toEqual({});
  expect(Object.keys(on.copies)).toEqual(['GET']);
  expect((on.copies['GET'] ?? 0) + on.dropped).toBe(9_000);
  expect((writes.copies['GET'] ?? 0) + (writes.copies['POST'] ?? 0) + writes.dropped).toBe(10_000);
  // Within noise: what one round differs from another by, on a machine that does other things too.
  expect(hanging.p99).toBeLessThan(off.p99 * 1.5 + 2);
  expect(memory.highest - memory.before).toBeLessThan(96 * 2 ** 20);
  expect(memory.after - memory.before).toBeLessThan(64 * 2 ** 20);
});
