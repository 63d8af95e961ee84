import { expect, test } from 'vitest';
import type { Rejection } from '../../src/model/exchange.ts';
import { MOST_REFUSALS, newestOf } from '../../src/model/recent-refusal.ts';
import { RecentRefusals } from '../../src/observe/recent-refusals.ts';

const REJECTION: Rejection = {
  failure: 'malformed_request',
  peer: { address: '192.0.2.7', port: 1234, secure: false },
  method: 'GET',
  target: '/x?token=secret&a=b',
  requestId: 'id',
  startedAt: 0,
  userAgent: 'curl\u0007',
};

function refused(times: number): RecentRefusals {
  let now = 0;
  const refusals = new RecentRefusals(() => ++now);
  for (let i = 0; i < times; i++) refusals.rejected({ ...REJECTION, requestId: `id-${i + 1}` });
  return refusals;
}

test.each([0, 1, 3, MOST_REFUSALS - 1, MOST_REFUSALS, MOST_REFUSALS + 1, 3 * MOST_REFUSALS + 7])(
  'of %i refusals the newest are kept, and come first',
  (times) => {
    const ids = refused(times)
      .snapshot()
      .map(({ requestId }) => requestId);
    const wanted = Array.from({ length: Math.min(times, MOST_REFUSALS) }, (_, i) => `id-${times - i}`);
    expect(ids).toEqual(wanted);
  },
);

test('secrets and control characters are not shown', () => {
  const [refusal] = refused(1).snapshot();
  expect(refusal).toMatchObject({
    failure: 'malformed_request',
    status: 400,
    client: '192.0.2.7',
    method: 'GET',
  });
  expect(refusal?.path).toMatch(/^\/x\?token=(?!secret)[^&]*&a=b$/);
  expect(refusal?.userAgent).not.toContain('\u0007');
});

test('what is not known is null', () => {
  const refusals = new RecentRefusals();
  refusals.rejected({ ...REJECTION, peer: null, method: null, target: null, userAgent: null });
  expect(refusals.snapshot()[0]).toMatchObject({ client: null, method: null, path: null, userAgent: null });
});

test('of several processes the newest of all count', () => {
  const views = [refused(40), refused(40)].flatMap((refusals) => refusals.snapshot());
  const newest = newestOf(views);
  expect(newest.length).toBe(MOST_REFUSALS);
  expect(newest.at(-1)?.time).toBe(16);
});
