import { z } from 'zod';
import { mustBe } from '../schema-messages.ts';
import { bool, count, duration, text } from './values.ts';

const STATUS = '[1-5]\\d\\d';
const STATUSES = new RegExp(`^${STATUS}(?:-${STATUS})?(?:, *${STATUS}(?:-${STATUS})?)*$`);

const expectError = 'must be statuses or ranges of them, such as 200-399, or "200, 204", or a list';

/** What stands for statuses: `200-399`, `200, 204`, or just the number. */
const statuses = z.union([z.int().min(100).max(599), z.string().regex(STATUSES, { error: expectError })], {
  error: expectError,
});

/** A block `health`, or false. */
export const healthSchema = z.union(
  [
    z.literal(false),
    z.strictObject({
      path: text.optional().describe('What is asked for, with GET.'),
      interval: duration.optional().describe('From the start of one check to the next.'),
      timeout: duration.optional().describe('For the whole of one check.'),
      healthy_after: count.min(1).optional().describe('Good answers in a row.'),
      unhealthy_after: count.min(1).optional().describe('Bad ones in a row.'),
      expect: z
        .union([statuses, z.array(statuses).min(1)])
        .optional()
        .describe('The statuses of a good answer.'),
    }),
  ],
  { error: mustBe('a mapping (an empty one, {}, for all defaults) or false') },
);

/** A block `breaker`, or true for its defaults, or false. */
export const breakerSchema = z.union(
  [
    bool,
    z.strictObject({
      failures: count.min(1).optional().describe('In a row.'),
      cooldown: duration.optional().describe('How long it is left alone.'),
    }),
  ],
  { error: mustBe('a mapping, true or false') },
);

/** A `health` block as written, checked. */
export type HealthFile = Exclude<z.output<typeof healthSchema>, boolean>;

/** A `breaker` as written, checked. */
export type BreakerFile = z.output<typeof breakerSchema>;
