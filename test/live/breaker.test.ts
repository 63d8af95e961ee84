import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Breaker, type BreakerChange } from '../../src/live/breaker.ts';
import type { Failure } from '../../src/model/failure.ts';

const LIMITS = { failures: 3, cooldownMs: 10_000 };

function opened(failure: Failure, now = 0): Breaker {
  const breaker = new Breaker(LIMITS);
  for (let i = 0; i < LIMITS.failures; i++) breaker.failed(failure, breaker.epoch, now);
  return breaker;
}

describe('a closed breaker', () => {
  it.each<Failure>([
    'connect_refused',
    'connect_timeout',
    'tls',
    'reset',
    'response_timeout',
    'idle_timeout',
  ])('opens at the third %s in a row', (failure) => {
    const breaker = new Breaker(LIMITS);
    expect(breaker.failed(failure, 0, 0)).toBe(null);
    expect(breaker.failed(failure, 0, 0)).toBe(null);
    expect(breaker.allows(0)).toBe(true);
    expect(breaker.failed(failure, 0, 0)).toBe('opened');
    expect(breaker.allows(0)).toBe(false);
    expect(breaker.why).toBe(`3 failures in a row, the last was ${failure}`);
  });

  it.each<Failure>(['bad_response', 'over_capacity', 'client_closed', 'draining', 'deadline'])(
    'does not count %s',
    (failure) => {
      expect(opened(failure).state).toBe('closed');
      expect(opened(failure).failures).toBe(0);
    },
  );

  it('begins to count anew with every answer, be it an error', () => {
    const breaker = new Breaker(LIMITS);
    for (const status of [200, 404, 500, 501, 503]) {
      breaker.failed('reset', 0, 0);
      breaker.failed('reset', 0, 0);
      breaker.answered(status, 0, 0);
    }
    expect([breaker.state, breaker.failures]).toEqual(['closed', 0]);
  });

  it.each([502, 503, 504])('opens when half of 20 answers are %i', (status) => {
    const breaker = new Breaker(LIMITS);
    for (let i = 0; i < 10; i++) breaker.answered(200, 0, i);
    const changes = Array.from({ length: 10 }, (_, i) => breaker.answered(status, 0, 10 + i));
    expect(changes).toEqual([...Array(9).fill(null), 'opened']);
    expect(breaker.state).toBe('cooldown');
    expect(breaker.why).toBe('10 of the last 20 answers were 502, 503 or 504');
  });

  it.each([500, 501, 505, 429])('does not open by %i', (status) => {
    const breaker = new Breaker(LIMITS);
    for (let i = 0; i < 1_000; i++) expect(breaker.answered(status, 0, i)).toBe(null);
  });
});

describe('a breaker that connect failures opened', () => {
  it('is probed, lets nobody through, and closes when a probe is accepted', () => {
    const breaker = opened('connect_refused');
    expect(breaker.state).toBe('probing');
    expect(breaker.lastFailure).toBe('connect_refused');
    expect(breaker.allows(1e9)).toBe(false);
    expect(breaker.failed('connect_refused', breaker.epoch, 100)).toBe(null);
    expect(breaker.accepted()).toBe('closed');
    expect([breaker.state, breaker.failures, breaker.allows(101)]).toEqual(['closed', 0, true]);
  });

  it('counts failed probes before it is open', () => {
    const breaker = new Breaker(LIMITS);
    breaker.failed('connect_refused', 0, 0);
    breaker.failed('connect_refused', 0, 100);
    expect(breaker.failed('connect_timeout', 0, 200)).toBe('opened');
    expect(breaker.state).toBe('probing');
  });
});

describe('a breaker that anything else opened', () => {
  it('rests for its cooldown, and then lets one through', () => {
    const breaker = opened('reset', 5_000);
    expect(breaker.state).toBe('cooldown');
    expect([breaker.allows(14_999), breaker.allows(15_000)]).toEqual([false, true]);
    breaker.picked();
    expect([breaker.state, breaker.allows(99_999)]).toEqual(['trial', false]);
  });

  it('closes when that one succeeds', () => {
    const breaker = opened('reset');
    breaker.picked();
    expect(breaker.answered(200, breaker.epoch, 10_000)).toBe('closed');
    expect(breaker.allows(10_000)).toBe(true);
  });

  it.each<[string, (breaker: Breaker) => unknown]>([
    ['fails', (breaker) => breaker.failed('response_timeout', breaker.epoch, 10_000)],
    ['is answered with 503', (breaker) => breaker.answered(503, breaker.epoch, 10_000)],
  ])('opens again when that one %s, and says nothing new', (_, trial) => {
    const breaker = opened('reset');
    breaker.picked();
    expect(trial(breaker)).toBe(null);
    expect([breaker.allows(19_999), breaker.allows(20_000)]).toEqual([false, true]);
  });

  it('is probed if that one finds the endpoint gone', () => {
    const breaker = opened('reset');
    breaker.picked();
    breaker.failed('connect_refused', breaker.epoch, 10_000);
    expect(breaker.state).toBe('probing');
  });

  it('lets the next one through when that one says nothing', () => {
    const breaker = opened('reset');
    breaker.picked();
    breaker.abandoned(breaker.epoch, 10_500);
    expect(breaker.allows(10_500)).toBe(true);
  });
});

describe('a breaker that broken connections opened', () => {
  it('is unsure until a probe is over; refused, it is one that connect failures opened', () => {
    const breaker = opened('reset');
    expect([breaker.state, breaker.isUnsure]).toEqual(['cooldown', true]);
    expect(breaker.failed('connect_refused', breaker.epoch, 1)).toBe(null);
    expect([breaker.state, breaker.isUnsure, breaker.lastFailure]).toEqual([
      'probing',
      false,
      'connect_refused',
    ]);
    expect(breaker.accepted()).toBe('closed');
  });

  it('accepted, it stays as it is', () => {
    const breaker = opened('reset');
    expect(breaker.accepted()).toBe(null);
    expect([breaker.state, breaker.isUnsure, breaker.failures]).toEqual(['cooldown', false, 3]);
    breaker.failed('connect_refused', breaker.epoch, 1);
    expect(breaker.state).toBe('cooldown');
  });

  it.each<Failure>(['response_timeout', 'idle_timeout', 'tls', 'connect_refused'])(
    '%s leaves no doubt',
    (failure) => {
      expect(opened(failure).isUnsure).toBe(false);
    },
  );
});

type Step =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'picked' | 'abandoned' | 'accepted' }
  | { readonly kind: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('answered' as const), status: fc.constantFrom(200, 404, 500, 502, 503) }),
  fc.record({
    kind: fc.constant('failed' as const),
    failure: fc.constantFrom<Failure>('reset', 'connect_refused', 'idle_timeout', 'bad_response'),
  }),
  fc.record({ kind: fc.constantFrom('picked' as const, 'abandoned' as const, 'accepted' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
);

function take(breaker: Breaker, one: Step, now: number): BreakerChange {
  switch (one.kind) {
    case 'answered':
      return breaker.answered(one.status, breaker.epoch, now);
    case 'failed':
      return breaker.failed(one.failure, breaker.epoch, now);
    case 'accepted':
      return breaker.accepted();
    case 'abandoned':
      breaker.abandoned(breaker.epoch, now);
      return null;
    case 'picked':
      if (breaker.allows(now)) breaker.picked();
      return null;
    case 'wait':
      return null;
  }
}

/** What a late word about an older epoch does. */
function expectDeaf(breaker: Breaker, now: number): void {
  const before = [breaker.state, breaker.epoch, breaker.failures];
  expect(breaker.answered(200, breaker.epoch - 1, now)).toBe(null);
  expect(breaker.failed('reset', breaker.epoch - 1, now)).toBe(null);
  breaker.abandoned(breaker.epoch - 1, now);
  expect([breaker.state, breaker.epoch, breaker.failures]).toEqual(before);
}

it('whatever happens: opened and closed by turns, one request on trial, and old words change nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const breaker = new Breaker(LIMITS);
      const told: BreakerChange[] = [];
      let now = 0;
      for (const one of steps) {
        expectDeaf(breaker, now);
        if (one.kind === 'wait') now += one.ms;
        told.push(take(breaker, one, now));
        if (breaker.state === 'trial') expect(breaker.allows(now + 1e9)).toBe(false);
      }
      const changes = told.filter((change) => change !== null);
      expect(changes).toEqual(changes.map((_, i) => (i % 2 === 0 ? 'opened' : 'closed')));
      expect(breaker.state === 'closed').toBe(changes.length % 2 === 0);
    }),
  );
});

describe('requests that were under way', () => {
  it('before it opened have no say in the trial', () => {
    const breaker = opened('reset');
    const before = breaker.epoch - 1;
    breaker.picked();
    expect(breaker.answered(200, before, 10_000)).toBe(null);
    expect(breaker.failed('response_timeout', before, 10_000)).toBe(null);
    breaker.abandoned(before, 10_000);
    expect(breaker.state).toBe('trial');
  });

  it('before it closed again do not open it', () => {
    const breaker = opened('connect_refused');
    const before = breaker.epoch;
    breaker.accepted();
    for (let i = 0; i < 10; i++) breaker.failed('reset', before, i);
    expect([breaker.state, breaker.failures]).toEqual(['closed', 0]);
  });
});
