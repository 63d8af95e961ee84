import { expect, it } from 'vitest';
import type { Stage } from '../../src/model/route-table.ts';
import { FeatureUses } from '../../src/observe/feature-uses.ts';
import { tableOf } from '../support/table.ts';
import { decisionOf, outcomeOf } from './samples.ts';

const AT = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

function table(stage: Stage) {
  return tableOf([{ name: 'orders', prefix: '/o', to: 'orders' }], { stages: { orders: stage } });
}

/** A book under a clock of its own, and an exchange on the route that ends at a time. */
function setUp() {
  const clock = { now: AT };
  const uses = new FeatureUses(() => clock.now);
  const answer = (side: 'legacy' | 'feature', method = 'GET', more = {}): void => {
    const decision = decisionOf(table('live'), 'orders', side);
    const head = { method, target: '/o', minorVersion: 1, headers: [] } as const;
    uses.finished(outcomeOf(decision, { head, time: clock.now - 20, ...more }));
  };
  return { clock, uses, answer, use: () => uses.snapshot()[0] };
}

it('counts who answered in the last five minutes', () => {
  const { clock, uses, answer, use } = setUp();
  uses.tableChanged(table('canary'));
  answer('legacy');
  answer('feature');
  answer('feature');
  clock.now += 4 * MINUTE;
  answer('feature');
  expect(use()).toMatchObject({ feature: 'orders', recent: { legacy: 1, feature: 3 } });
  clock.now += 2 * MINUTE;
  expect(use()?.recent).toEqual({ legacy: 0, feature: 1 });
  clock.now += 60 * MINUTE;
  expect(use()?.recent).toEqual({ legacy: 0, feature: 0 });
});

it('counts an answer that legacy gave for the feature as legacy’s, and one that nobody gave not at all', () => {
  const { uses, answer, use } = setUp();
  uses.tableChanged(table('live'));
  answer('feature', 'POST', { backend: 'legacy' });
  answer('feature', 'POST', { endpoint: null });
  expect(use()).toMatchObject({ recent: { legacy: 1, feature: 0 }, writes: 0 });
});

it('counts the writes that the feature took since it went live, and keeps them after it was taken back', () => {
  const { clock, uses, answer, use } = setUp();
  uses.tableChanged(table('legacy'));
  expect(use()).toMatchObject({ writes: 0, writesSince: null });
  answer('legacy', 'POST');
  clock.now += MINUTE;
  uses.tableChanged(table('canary'));
  for (const method of ['POST', 'DELETE', 'GET', 'HEAD', 'OPTIONS']) answer('feature', method);
  clock.now += MINUTE;
  uses.tableChanged(table('live'));
  answer('feature', 'PATCH');
  expect(use()).toMatchObject({ writes: 3, writesSince: AT + MINUTE });
  uses.tableChanged(table('legacy'));
  answer('feature', 'POST');
  expect(use()).toMatchObject({ writes: 4, writesSince: AT + MINUTE });
  clock.now += MINUTE;
  uses.tableChanged(table('live'));
  expect(use()).toMatchObject({ writes: 0, writesSince: AT + 3 * MINUTE });
});

it('knows the features of the table in force alone', () => {
  const { uses, answer } = setUp();
  uses.tableChanged(table('live'));
  uses.tableChanged(tableOf([]));
  answer('feature');
  expect(uses.snapshot()).toEqual([]);
});
