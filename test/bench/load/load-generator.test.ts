import { expect, test } from 'vitest';
import { partsOf } from '../../../bench/load/load-generator.ts';
import type { LoadPlan } from '../../../bench/load/load-plan.ts';

const PLAN: LoadPlan = {
  kind: 'requests',
  port: 1,
  connections: 0,
  head: '',
  bodyBytes: 0,
  expect: { status: 200, bytes: 0 },
};

test('connections are parted evenly, none is lost, and a process without any is not asked', () => {
  const parted = (connections: number) =>
    partsOf({ ...PLAN, connections }, 2).map((part) => part.connections);
  expect(parted(64)).toEqual([32, 32]);
  expect(parted(1)).toEqual([1]);
  expect(parted(7).reduce((a, b) => a + b, 0)).toBe(7);
});
