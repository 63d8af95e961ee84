import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../src/model/failure.ts';
import { FALLBACK_WORDS } from '../../src/model/fallback.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { entryOf } from '../../src/observe/access-entry.ts';
import { AccessLines } from '../../src/observe/access-line.ts';
import { tableOf } from '../support/table.ts';
import { decisionOf, outcomeOf } from './samples.ts';

/** What pino makes of the entry, without what pino adds by itself. */
function pinoLine(outcome: Outcome): string {
  const { time, ...rest } = entryOf(outcome);
  let line = '';
  const log = pino(
    { base: null, formatters: { level: () => ({}) }, timestamp: () => `"time":"${time}"` },
    {
      write: (text: string) => {
        line = text;
      },
    },
  );
  log.info(rest);
  return line;
}

/** Whatever breaks lines that are made by hand. */
const hostile = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\x00', '\x7f', '\x80', 'é', '\ud800', '\udc00', '\u2028', 'a'),
  }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ maxLength: 600, minLength: 500 }),
  fc.constantFrom('', 'GET', 'curl/8.0', '192.0.2.1', '::1'),
);

const target = fc.oneof(
  hostile,
  fc.tuple(hostile, hostile).map(([path, query]) => `/${path}?${query}`),
  fc.string({ unit: fc.constantFrom(...'/?;=&tokenkey%25"\\ a') }).map((text) => `/${text}`),
  fc.integer({ min: 2_040, max: 2_060 }).map((length) => `/${'a'.repeat(length)}`),
);

const milliseconds = fc.oneof(
  fc.double({ min: -1, max: 1e9, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: 0, max: 100_000 }).map((us) => us / 1000),
);

const decision = fc
  .tuple(
    hostile,
    fc.constantFrom('orders', 'old', 'admin', '(default)'),
    fc.constantFrom('legacy', 'feature'),
  )
  .map(([name, which, side]) => {
    const table = tableOf([
      { name: `${name}orders`, prefix: '/api/orders', to: 'orders' },
      { name: `${name}old`, prefix: '/old', redirect: { to: '/new' } },
      { name: `${name}admin`, prefix: '/admin', to: 'legacy' },
    ]);
    return decisionOf(table, which === '(default)' ? which : `${name}${which}`, side as 'legacy' | 'feature');
  });

const given = fc.record({
  requestId: hostile,
  time: fc.oneof(
    fc.integer({ min: -1e13, max: 1e14 }),
    fc.double({ min: 0, max: 2e12, noNaN: true }),
    fc.integer({ min: 1_700_000_000_000, max: 1_700_000_002_000 }),
  ),
  client: hostile,
  head: fc.record(
    {
      isHttp2: fc.constant(true as const),
      method: hostile,
      target,
      minorVersion: fc.constantFrom(0 as const, 1 as const),
      headers: fc
        .option(hostile, { nil: undefined })
        .map((value) => (value === undefined ? [] : ['User-Agent', value])),
    },
    { requiredKeys: ['method', 'target', 'minorVersion', 'headers'] },
  ),
  status: fc.integer({ min: 100, max: 999 }),
  failure: fc.option(fc.constantFrom(...FAILURES)),
  endpoint: fc.option(hostile),
  attempts: fc.nat(9),
  durationMs: milliseconds,
  backendMs: fc.option(milliseconds),
  bytesIn: fc.maxSafeNat(),
  bytesOut: fc.maxSafeNat(),
});

/** Left out, or a word. */
const fellBack = fc.option(fc.constantFrom(...FALLBACK_WORDS));

describe('a line made by hand', () => {
  it('is what JSON.stringify and pino would write, to the byte, whatever stands in it', () => {
    // One maker for all: what it keeps of one request must never show in the next.
    const lines = new AccessLines();
    fc.assert(
      fc.property(decision, given, fellBack, (decided, what, fallback) => {
        const outcome = outcomeOf(decided, { ...what, ...(fallback === null ? {} : { fallback }) });
        const line = lines.lineOf(outcome);
        expect(line).toBe(`${JSON.stringify(entryOf(outcome))}\n`);
        // A lone surrogate is no text: pino writes it as it is, JSON.stringify escapes it.
        if (!/\p{Surrogate}|\\ud[89a-f]/u.test(line)) expect(line).toBe(pinoLine(outcome));
      }),
      { numRuns: 2_000, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  });

  it('writes every thousandth of a millisecond as a number does', () => {
    const lines = new AccessLines();
    const decided = decisionOf(tableOf([]), '(default)');
    for (let us = 0; us < 12_000; us++) {
      const line = lines.lineOf(outcomeOf(decided, { durationMs: us / 1000, backendMs: null }));
      expect(line).toContain(`"duration_ms":${us / 1000},"backend_ms":null`);
    }
  });

  it('follows a feature through its stages', () => {
    const lines = new AccessLines();
    for (const stage of ['legacy', 'live', 'done'] as const) {
      const table = tableOf([{ name: 'orders', to: 'orders' }], { stages: { orders: stage } });
      expect(lines.lineOf(outcomeOf(decisionOf(table, 'orders')))).toContain(`"stage":"${stage}"`);
    }
  });
});
