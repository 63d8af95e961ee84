import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Listed, RunList } from '../../src/forward/run-list.ts';

it('holds what was added and not deleted, whatever the order', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (all) => {
      const items: Listed[] = Array.from({ length: 10 }, () => ({ place: -1 }));
      const list = new RunList<Listed>();
      const expected = new Set<Listed>();
      for (const [isAdded, index] of all) {
        const item = items[index]!;
        if (isAdded && !expected.has(item)) {
          list.add(item);
          expected.add(item);
        } else if (!isAdded) {
          list.delete(item);
          expected.delete(item);
        }
        expect(list.size).toBe(expected.size);
        expect(new Set(list.all())).toEqual(expected);
      }
    }),
  );
});
