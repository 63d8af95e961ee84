import { expect, test } from 'vitest';
import { atOnce, inSlices } from '../../src/model/in-slices.ts';

function* countTo(end: number): Generator<void, number> {
  for (let i = 0; i < end; i += 1) yield;
  return end;
}

test('at once, and in slices, the work gives the same', async () => {
  expect(atOnce(countTo(5))).toBe(5);
  expect(await inSlices(countTo(5))).toBe(5);
});

test('after each slice the event loop turns', async () => {
  let turns = 0;
  let running = true;
  const turn = () => {
    turns += 1;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  await inSlices(countTo(20), { sliceMs: 0 });
  running = false;
  expect(turns).toBeGreaterThanOrEqual(19);
});

test('short work is not cut', async () => {
  let pauses = 0;
  await inSlices(countTo(20), {
    sliceMs: 60_000,
    pause: async () => {
      pauses += 1;
    },
  });
  expect(pauses).toBe(0);
});

test('a fault in the work is the caller’s to see', async () => {
  function* fails(): Generator<void, never> {
    yield;
    throw new Error('no such thing');
  }
  expect(() => atOnce(fails())).toThrow('no such thing');
  await expect(inSlices(fails())).rejects.toThrow('no such thing');
});
