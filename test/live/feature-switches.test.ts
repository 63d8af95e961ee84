import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { createSwitches } from '../../src/live/feature-switches.ts';

test('a switch is the same object for as long as anybody has it, and says what holds now', () => {
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

/** Collects garbage; V8 has it behind a flag. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

test('a switch that nobody has any more is let go of, and is as it was when it is asked for again', async () => {
  const switches = createSwitches();
  const kept = switches.of('kept');
  switches.use(new Set(['gone', 'kept']));
  const gone = new WeakRef(switches.of('gone'));
  await vi.waitFor(() => {
    collectGarbage();
    // A failed expectation would hold what it was shown.
    expect(gone.deref() === undefined).toBe(true);
  });
  expect(switches.of('gone').isRolledBack).toBe(true);
  expect(switches.of('kept')).toBe(kept);
});
