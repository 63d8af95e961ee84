import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DURATION_MS, parseDuration, parseSize } from '../../src/model/units.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['2s', 2_000],
    ['1.5s', 1_500],
    ['1m', 60_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['0', 0],
    ['0s', 0],
    ['0.4ms', 0],
    ['24d', 2_073_600_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '2', '2 s', '-1s', 's', '1e3s', '.5s', '1.s', '1m30s', '2S', '25d', '１s'])(
    'has none in %j',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it('never gives what a timer cannot wait', () => {
    const units = fc.constantFrom('ms', 's', 'm', 'h', 'd');
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), units, (number, unit) => {
        const ms = parseDuration(`${number.toFixed(3)}${unit}`);
        return ms === null || (Number.isInteger(ms) && ms >= 0 && ms <= MAX_DURATION_MS);
      }),
    );
  });
});

describe('parseSize', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['32KiB', 32_768],
    ['1.5MiB', 1_572_864],
    ['10MB', 10_000_000],
    ['1GiB', 1_073_741_824],
    ['1kB', 1_000],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '-1', '1 KiB', '1K', '1KB', '1kib', '0.3', '9007199254740993', '1TiB'])(
    'has none in %j',
    (text) => {
      expect(parseSize(text)).toBeNull();
    },
  );
});
