import { expect, test } from 'vitest';
import { createHeldBytes } from '../../src/live/held-bytes.ts';

test('bytes are taken as long as there is room, and given back', () => {
  const bytes = createHeldBytes(100);
  expect([bytes.take(60), bytes.take(41), bytes.held, bytes.isFull]).toEqual([true, false, 60, false]);
  expect([bytes.take(40), bytes.isFull, bytes.take(1)]).toEqual([true, true, false]);
  bytes.giveBack(60);
  expect([bytes.held, bytes.isFull]).toEqual([40, false]);
});

test('what is there already is held, room or not', () => {
  const bytes = createHeldBytes(100);
  bytes.hold(150);
  expect([bytes.held, bytes.isFull, bytes.take(1)]).toEqual([150, true, false]);
});
