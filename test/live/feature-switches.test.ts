import { expect, test } from 'vitest';
import { createSwitches } from '../../src/live/feature-switches.ts';

test('a switch is the same object for ever, and says what holds now', () => {
  const switches = createSwitches();
  const orders = switches.of('orders');
  expect(orders.isRolledBack).toBe(false);
  switches.use(new Set(['orders', 'search']));
  expect(orders.isRolledBack).toBe(true);
  expect(switches.of('orders')).toBe(orders);
  // Asked for only after it was thrown.
  expect(switches.of('search').isRolledBack).toBe(true);
  switches.use(new Set(['search']));
  expect([orders.isRolledBack, switches.of('search').isRolledBack]).toEqual([false, true]);
});
