import { z } from 'zod';
import { mustBe } from '../schema-messages.ts';
import { legacySchema } from './backend-schema.ts';
import { featureSchema } from './feature-schema.ts';
import { defaultSchema, routeSchema } from './route-schema.ts';
import { bool, oneOf, text } from './values.ts';

/**
 * The whole of routes.yaml: one schema for its types, its validation and routes.schema.json. Rules that look at more
 * than one value are in `rules/`; what a key left out means is in `defaults.ts`.
 */
export const routesFileSchema = z.strictObject({
  version: z.literal(1, { error: 'must be 1, the only version of this format' }).optional(),
  legacy: legacySchema.describe('The monolith: answers everything that no route takes.'),
  features: z.record(z.string(), featureSchema).nullish().describe('What was split out of it, by name.'),
  routes: z.array(routeSchema).nullish().describe('Which requests are for whom.'),
  default: defaultSchema.nullish().describe('What holds for what no route takes.'),
  legacy_only: z
    .union([bool, z.array(text)], {
      error: mustBe('true, false or a list of features and routes, such as [orders]'),
    })
    .optional()
    .describe('Legacy answers, at once: for everything, or for these features and routes.'),
  trust_proxies: z
    .array(text)
    .optional()
    .describe('CIDR blocks whose X-Forwarded-* headers and request id are believed.'),
  paths: z
    .strictObject({
      merge_slashes: bool.optional(),
      case: oneOf(['sensitive', 'insensitive']).optional(),
      ambiguous: oneOf(['refuse', 'forward']).optional(),
    })
    .optional()
    .describe('How paths are read.'),
  debug_headers: bool.optional().describe('x-banyan-route, -side and -reason on answers.'),
});

/** A routes.yaml that fits the schema: durations in ms, sizes in bytes, percents as numbers. */
export type RoutesFile = z.output<typeof routesFileSchema>;
