import { z } from 'zod';
import { percent, sourceText } from './values.ts';

const clientKeyError = 'must be cookie, cookie:NAME, header:NAME or ip';
const clientKey = z
  .string({ error: clientKeyError })
  .regex(/^(?:cookie|ip|cookie:.+|header:.+)$/, { error: clientKeyError });

/** Which clients get a feature in stage canary. */
export const canarySchema = z.strictObject({
  share: percent.describe('Of clients, with its %, up to two decimals.'),
  by: z
    .union([clientKey, z.array(clientKey).min(1)], { error: `${clientKeyError}, or a list of them` })
    .optional()
    .describe('What tells clients apart: the first that is there.'),
});

/** Who gets a feature in the stages shadow and canary, one condition being enough. */
export const testersSchema = z.strictObject({
  cookies: z.record(z.string(), sourceText).optional().describe('By name: its value.'),
  headers: z.record(z.string(), sourceText).optional().describe('By name: its value.'),
});
