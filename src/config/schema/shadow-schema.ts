import { z } from 'zod';
import { BODY_KINDS } from '../../model/shadow-block.ts';
import { bool, count, duration, method, oneOf, percent, percentOrNone, size, text } from './values.ts';

const AT_LEAST_0 = 'must be a number, such as 0.01, and not below 0';

const compare = z.strictObject({
  status: bool.optional().describe('Whether the status is compared.'),
  headers: z.array(text).optional().describe('Those that are compared, by name.'),
  body: oneOf(BODY_KINDS).optional().describe('How bodies are read.'),
  ignore: z
    .array(text)
    .optional()
    .describe('JSONPaths that are not compared, and regexes that are taken out of texts.'),
  unordered: z.array(text).optional().describe('JSONPaths of lists whose order does not count.'),
  tolerance: z
    .record(z.string(), z.number({ error: AT_LEAST_0 }).nonnegative({ error: AT_LEAST_0 }))
    .optional()
    .describe('By JSONPath: by how much numbers may differ.'),
  null_is_missing: bool.optional().describe('A field that is null and one that is missing are the same.'),
  redact: z.array(text).optional().describe('JSONPaths, and regexes for texts, of what samples never show.'),
});

/** A feature's `shadow` block. */
export const shadowSchema = z.strictObject({
  percent: percent.optional().describe('Of requests, with its %.'),
  stages: z
    .array(oneOf(['shadow', 'canary', 'live']))
    .optional()
    .describe('In which copies are made; in canary and live legacy gets them.'),
  writes: z
    .array(method)
    .optional()
    .describe('Methods that are not repeatable and go to the feature all the same, in stage shadow.'),
  timeout: duration.optional().describe('For the whole answer to a copy.'),
  max_body: size.optional().describe('Of the request and of each answer.'),
  max_in_flight: count.optional().describe('Copies at a time; above it they are dropped.'),
  compare: compare.optional().describe('What is compared.'),
  noise: percentOrNone.optional().describe('Of shadowed requests: those with which legacy is asked twice.'),
  ready: z
    .strictObject({
      match: percent.optional().describe('Share of comparisons that must match.'),
      min: count.optional().describe('Fewer comparisons say nothing.'),
    })
    .optional()
    .describe('When the verdict is "ready".'),
});

/** A `shadow` block as written, checked. */
export type ShadowFile = z.output<typeof shadowSchema>;
