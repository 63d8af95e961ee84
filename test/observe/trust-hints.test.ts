import { expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Observer } from '../../src/model/ports.ts';
import { createTrustHints } from '../../src/observe/trust-hints.ts';

function outcome(address: string, headers: readonly string[] = []): Outcome {
  return {
    peer: { address, port: 1, secure: false },
    head: { method: 'GET', target: '/', minorVersion: 1, headers },
  } as unknown as Outcome;
}

function hints(trusted: readonly string[] = []): { hints: Pick<Observer, 'finished'>; warned: string[] } {
  const warned: string[] = [];
  return {
    hints: createTrustHints({
      warn: (_, message) => warned.push(message),
      isTrusted: (address) => trusted.includes(address),
    }),
    warned,
  };
}

it('an untrusted peer’s X-Forwarded-Proto is warned of once', () => {
  const { hints: one, warned } = hints();
  one.finished(outcome('203.0.113.1'));
  expect(warned).toEqual([]);
  for (let i = 0; i < 3; i++) one.finished(outcome('203.0.113.1', ['X-Forwarded-Proto', 'https']));
  expect(warned).toHaveLength(1);
  expect(warned[0]).toContain('trust_proxies');
});

it('a trusted peer’s is not', () => {
  const { hints: one, warned } = hints(['10.0.0.1']);
  for (let i = 0; i < 2000; i++) one.finished(outcome('10.0.0.1', ['X-Forwarded-Proto', 'https']));
  expect(warned).toEqual([]);
});

it.each([
  ['10.0.0.1', 1],
  ['fd00::1', 1],
  ['203.0.113.1', 0],
])('nearly all requests from %s: %i warning', (address, count) => {
  const { hints: one, warned } = hints();
  for (let i = 0; i < 5; i++) one.finished(outcome('198.51.100.7'));
  for (let i = 0; i < 2000; i++) one.finished(outcome(address));
  expect(warned).toHaveLength(count);
});

it('clients of many addresses are no reason to warn', () => {
  const { hints: one, warned } = hints();
  for (let i = 0; i < 2000; i++) one.finished(outcome(`10.0.${i % 200}.1`));
  expect(warned).toEqual([]);
});
