import { describe, expect, it } from 'vitest';
import { Breaker } from '../../src/live/breaker.ts';
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
