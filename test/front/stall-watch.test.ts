import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { StallWatch } from '../../src/front/stall-watch.ts';

test('how long a client has been taking what it was given last', () => {
  const socket = new Socket();
  const watch = new StallWatch(socket, 0);
  const now = (): number => performance.now();
  expect(watch.blockedMs(now() + 500)).toBe(0);
  watch.blocked();
  const from = now();
  watch.blocked();
  expect(watch.blockedMs(from + 500)).toBeGreaterThanOrEqual(500);
  watch.taken();
  expect(watch.blockedMs(now() + 500)).toBe(0);
  socket.destroy();
});
