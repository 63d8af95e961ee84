import { expect, test } from 'vitest';
import { shareOf } from '../../src/decide/feature-share.ts';
import type { Stage } from '../../src/model/route-table.ts';
import { type TableSketch, tableOf } from '../support/table.ts';

const canary = { shareHundredths: 1_250, by: [{ kind: 'place' as const }] };

function share(stage: Stage, isRolledBack = false, legacyOnly: TableSketch['legacyOnly'] = {}): number {
  const sketch = { stages: { orders: stage }, features: { orders: { canary } }, legacyOnly };
  const table = tableOf([{ prefix: '/', to: 'orders' }], sketch);
  return shareOf(table.features['orders']!, table, { of: () => ({ isRolledBack }) });
}

test.each<[Stage, number, number, number]>([
  ['legacy', 0, 0, 0],
  ['shadow', 0, 0, 0],
  ['canary', 0.125, 0, 0],
  ['live', 1, 0, 0],
  ['done', 1, 1, 1],
])('stage %s: %f; rolled back %f; legacy only %f', (stage, usual, rolledBack, legacyOnly) => {
  expect(share(stage)).toBe(usual);
  expect(share(stage, true)).toBe(rolledBack);
  expect(share(stage, false, { everything: true })).toBe(legacyOnly);
  expect(share(stage, false, { features: ['orders'] })).toBe(legacyOnly);
  expect(share(stage, false, { features: ['cart'], routes: ['route-0'] })).toBe(usual);
});
