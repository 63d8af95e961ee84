import { z } from 'zod';
import { STAGES } from '../../model/route-table.ts';
import { kindOf, mustBe } from '../schema-messages.ts';
import { autoRollbackSchema } from './auto-rollback-schema.ts';
import { backendKeys } from './backend-schema.ts';
import { canarySchema, testersSchema } from './canary-schema.ts';
import { shadowSchema } from './shadow-schema.ts';
import { bool, count, oneOf, size, text } from './values.ts';

const fallbackWord = z.union(
  [oneOf(['connect', 'reset', 'timeout', 'bad_response']), z.literal([501, 502, 503, 504])],
  {
    error: ({ input }) =>
      `must be connect, reset, timeout, bad_response, 501, 502, 503 or 504, not ${kindOf(input)}`,
  },
);

const fallback = z.union(
  [
    bool,
    z.strictObject({
      when: z.array(fallbackWord).min(1).optional(),
      max_body: size.optional(),
      max_in_flight: count.optional(),
    }),
  ],
  { error: mustBe('a mapping, true or false') },
);

/** A feature: its url, or a mapping with the keys of a backend and its own. */
export const featureSchema = z.union(
  [
    text,
    z.strictObject({
      ...backendKeys,
      stage: oneOf(STAGES).optional().describe('How far it has come: the word that moves.'),
      canary: canarySchema.optional().describe('Who gets it in stage canary.'),
      testers: testersSchema.optional().describe('Who gets it in shadow and canary: one of these is enough.'),
      fallback: fallback.optional().describe('Legacy answers when it could not.'),
      auto_rollback: autoRollbackSchema.optional().describe('When it goes back to legacy by itself.'),
      shadow: shadowSchema.optional().describe('Copies that are compared and never served.'),
    }),
  ],
  { error: mustBe('a url or a mapping') },
);

/** A feature as written, checked, unless it is just its url. */
export type FeatureFile = Exclude<z.output<typeof featureSchema>, string>;
