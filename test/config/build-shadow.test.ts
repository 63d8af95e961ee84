import { expect, test } from 'vitest';
import { buildShadow } from '../../src/config/build-shadow.ts';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';

test('stage shadow without a block is an empty block; elsewhere there is none', () => {
  expect(buildShadow(undefined, 'shadow')).toEqual(DEFAULT_SHADOW);
  expect(buildShadow({}, 'live')).toEqual(DEFAULT_SHADOW);
  for (const stage of [undefined, 'legacy', 'canary', 'live', 'done'] as const)
    expect(buildShadow(undefined, stage)).toBeNull();
});

test('what is written is what holds: percents are shares, header names in lower case', () => {
  const written = {
    percent: 20,
    stages: ['shadow' as const, 'live' as const],
    writes: ['POST'],
    timeout: 2_000,
    max_body: 1_024,
    max_in_flight: 4,
    compare: {
      status: false,
      headers: ['X-Total'],
      body: 'json' as const,
      ignore: ['$.at'],
      unordered: ['$.items'],
      tolerance: { '$.total': 0.01 },
      null_is_missing: true,
      redact: ['$..email'],
    },
    noise: 1,
    ready: { match: 99, min: 10 },
  };
  expect(buildShadow(written, 'canary')).toEqual({
    share: 0.2,
    stages: ['shadow', 'live'],
    writes: ['POST'],
    timeoutMs: 2_000,
    maxBody: 1_024,
    maxInFlight: 4,
    compare: {
      status: false,
      headers: ['x-total'],
      body: 'json',
      ignore: ['$.at'],
      unordered: ['$.items'],
      tolerance: [['$.total', 0.01]],
      nullIsMissing: true,
      redact: ['$..email'],
    },
    noise: 0.01,
    ready: { match: 0.99, min: 10 },
  });
});

test('a part of a block leaves the rest as it is', () => {
  const shadow = buildShadow({ compare: { ignore: ['$.at'] }, ready: { min: 5 } }, 'shadow');
  expect(shadow?.compare).toEqual({ ...DEFAULT_SHADOW.compare, ignore: ['$.at'] });
  expect(shadow?.ready).toEqual({ match: DEFAULT_SHADOW.ready.match, min: 5 });
});
