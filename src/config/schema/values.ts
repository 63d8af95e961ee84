import { z } from 'zod';
import { parseDuration, parseSize } from '../../model/units.ts';
import { DURATION, PERCENT, percentOf, SIZE } from '../quantities.ts';

/**
 * The kinds of value that keys of routes.yaml take. What is written comes in, what the router computes with comes
 * out: milliseconds, bytes, percents as numbers. A message says what the value must be; where it stands comes later.
 */

const durationError = 'must be a duration with its unit, such as 500ms, 2s, 1m or 1h';

/** Milliseconds. 0 needs no unit: it is no limit. */
export const duration = z.union(
  [
    z.literal(0),
    z
      .string()
      .regex(DURATION, { error: durationError, abort: true })
      .transform(parseDuration)
      .refine((ms): ms is number => ms !== null, { error: 'must be at most 24 days' })
      .transform((ms) => ms as number),
  ],
  { error: durationError },
);

const sizeError = 'must be a size, such as 512B, 64KiB or 10MiB';

/** Bytes. */
export const size = z.union(
  [
    z.int().min(0),
    z
      .string()
      .regex(SIZE, { error: sizeError, abort: true })
      .transform(parseSize)
      .refine((bytes) => bytes !== null, { error: 'is too large' })
      .transform((bytes) => bytes as number),
  ],
  { error: sizeError },
);

const percentError =
  'must be a percentage from 0% to 100% with its % and at most two decimals, such as 10% or 0.25%';

/** Percent, 0 … 100. */
export const percent = z
  .string({ error: (issue) => (issue.input === undefined ? 'is required' : percentError) })
  .regex(PERCENT, { error: percentError, abort: true })
  .transform(percentOf);

/** The same, and `0`, which needs no %: it says "none" where a share is off by default. */
export const percentOrNone = z.union([z.literal(0), percent], { error: percentError });

/** A whole number from 0. */
export const count = z
  .int({
    error: (issue) =>
      issue.code === 'too_small' ? `must be at least ${issue.minimum}` : 'must be a whole number',
  })
  .min(0);

/** true or false. */
export const bool = z.boolean();

/** Any text; rules look closer. */
export const text = z.string();

/** Text of which the source is kept: `007` and `true` need no quotes, which the JSON Schema must know. */
export const sourceText = z.string().meta({ type: ['string', 'number', 'boolean'] });

/** RFC 9110 section 9.1: a method is a token; case matters. */
export const method = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: 'is not a method name' });

/** A value of a closed set of words. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words);
}
