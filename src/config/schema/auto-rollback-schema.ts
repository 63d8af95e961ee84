import { z } from 'zod';
import { mustBe } from '../schema-messages.ts';
import { count, duration, percent } from './values.ts';

/** A block `auto_rollback`, or false. */
export const autoRollbackSchema = z.union(
  [
    z.literal(false),
    z.strictObject({
      window: duration.optional().describe('How far back requests count.'),
      min_requests: count.min(1).optional().describe('Fewer in the window say nothing.'),
      errors: z
        .strictObject({
          max: percent.optional().describe("Of the feature's requests, while legacy has too few to compare."),
          above_legacy: percent.optional().describe("More than legacy's, in points."),
        })
        .optional()
        .describe('Share of requests that fail.'),
      p95: z
        .strictObject({
          max: duration.optional().describe('While legacy has too few requests to compare.'),
          times_legacy: z
            .number({ error: 'must be a number, such as 1.5' })
            .positive({ error: 'must be larger than 0' })
            .optional()
            .describe("As a multiple of legacy's."),
        })
        .optional()
        .describe('95th percentile of the time to the head of an answer.'),
      hold: z
        .union([z.literal('until_edited'), duration], { error: 'must be until_edited or a duration' })
        .optional()
        .describe('How long it holds; a duration doubles each time.'),
    }),
  ],
  { error: mustBe('a mapping or false') },
);

/** An `auto_rollback` block as written, checked. */
export type AutoRollbackFile = Exclude<z.output<typeof autoRollbackSchema>, boolean>;
