import { z } from 'zod';
import { STAGES } from '../../model/route-table.ts';
import { autoRollbackSchema } from './auto-rollback-schema.ts';
import { backendKeys } from './backend-schema.ts';
import { canarySchema, testersSchema } from './canary-schema.ts';
import { bool, count, duration, method, oneOf, percent, size, text } from './values.ts';

const fallbackWord = z.union(
  [oneOf(['connect', 'reset', 'timeout', 'bad_response']), z.literal([501, 502, 503, 504])],
  { error: 'must be connect, reset, timeout, bad_response, 501, 502, 503 or 504' },
);

const fallback = z.union([
  bool,
  z.strictObject({
    when: z.array(fallbackWord).min(1).optional(),
    max_body: size.optional(),
    max_in_flight: count.optional(),
  }),
]);

const compare = z.strictObject({
  status: bool.optional(),
  headers: z.array(text).optional(),
  body: oneOf(['auto', 'json', 'text', 'bytes', 'none']).optional(),
  ignore: z.array(text).optional(),
  unordered: z.array(text).optional(),
  tolerance: z.record(z.string(), z.number().nonnegative()).optional(),
  redact: z.array(text).optional(),
});

const shadow = z.strictObject({
  percent: percent.optional(),
  stages: z.array(oneOf(['shadow', 'canary', 'live'])).optional(),
  writes: z.array(method).optional(),
  timeout: duration.optional(),
  max_body: size.optional(),
  max_in_flight: count.optional(),
  compare: compare.optional(),
  noise: percent.optional(),
  ready: z.strictObject({ match: percent.optional(), min: count.optional() }).optional(),
});

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
      shadow: shadow.optional().describe('Copies that are compared and never served.'),
    }),
  ],
  { error: 'must be a url or a mapping' },
);

/** A feature as written, checked, unless it is just its url. */
export type FeatureFile = Exclude<z.output<typeof featureSchema>, string>;
