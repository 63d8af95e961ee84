import { expect, test } from 'vitest';
import { rollbackView } from '../../src/admin/rollback-view.ts';
import type { RollbackStatus } from '../../src/model/feature-counts.ts';

const nothing = { requests: 0, errors: 0, p95Ms: null };

test('too little data says how much is missing', () => {
  const status: RollbackStatus = {
    feature: 'orders',
    verdict: {
      kind: 'too_little_data',
      missing: { side: 'feature', requests: 199 },
      own: { requests: 1, errors: 1, p95Ms: 12.345 },
      legacy: nothing,
    },
    rollback: null,
  };
  expect(rollbackView(status)).toEqual({
    feature: 'orders',
    verdict: 'too_little_data',
    says: 'too little data: 199 more requests of the feature are needed',
    missing: { side: 'feature', requests: 199 },
    window: {
      feature: { requests: 1, errors: 1, p95_ms: 12.3 },
      legacy: { requests: 0, errors: 0, p95_ms: null },
    },
    rolled_back: null,
  });
});

test('a rollback says since when, why, and what ends it', () => {
  const rollback = {
    feature: 'orders',
    definition: 'x',
    since: 0,
    until: 60_000,
    count: 2,
    why: 'it failed',
  };
  const verdict = { kind: 'rolled_back', missing: null, own: nothing, legacy: nothing } as const;
  expect(rollbackView({ feature: 'orders', verdict, rollback })).toMatchObject({
    verdict: 'rolled_back',
    says: 'rolled back',
    rolled_back: {
      since: '1970-01-01T00:00:00.000Z',
      until: '1970-01-01T00:01:00.000Z',
      count: 2,
      why: 'it failed',
      ends: 'any edit of the block "orders" under features in routes.yaml',
    },
  });
});
