import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReceiveWindow } from '../../../src/front/http2/receive-window.ts';

test('lets as much come as its size, and opens in large steps', () => {
  const window = new ReceiveWindow(100);
  expect(window.came(100)).toBe(true);
  expect(window.took(49)).toBe(0);
  expect(window.took(1)).toBe(50);
  expect(window.came(50)).toBe(true);
  expect(window.came(1)).toBe(false);
});

test('never allows more than its size, nor stays shut when all was taken', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(100))), (steps) => {
      const size = 1000;
      const window = new ReceiveWindow(size);
      let allowed = size;
      let held = 0;
      for (const [wanted, share] of steps) {
        const came = Math.min(wanted, allowed);
        expect(window.came(came)).toBe(true);
        allowed -= came;
        held += came;
        const taken = Math.floor((held * share) / 100);
        held -= taken;
        allowed += window.took(taken);
        expect(allowed + held).toBeLessThanOrEqual(size);
      }
      allowed += window.took(held);
      expect(allowed).toBeGreaterThan(size / 2);
    }),
  );
});
