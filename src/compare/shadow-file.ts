/**
 * Comparisons on disk (`--state`), so that a restart does not begin a week's comparing anew. Written whole or not at
 * all; what cannot be read counts as none, and is said. The file holds names of fields and a few redacted values.
 */
import { z } from 'zod';
import { DIFFERENCE_KINDS } from '../model/comparison.ts';
import type { FeatureMemory } from './shadow-book.ts';

/** Its name in the state folder. */
export const SHADOW_FILE = 'compared.json';

const count = z.number().int().nonnegative();
const buckets = z.array(z.number().int());
const text = z.string().max(1_000);
const kind = z.enum(DIFFERENCE_KINDS);
const fields = z.array(z.object({ field: text, kind }));
const example = z.object({ legacy: text.nullable(), feature: text.nullable() });

const ledger = z.object({
  counts: z.object({ match: count, noise: count, notBuilt: count, skipped: count, error: count }),
  others: count,
  reasons: z.array(z.tuple([text, count])),
  mismatches: z.array(z.object({ fields, count })),
  fields: z.array(
    z.object({
      field: text,
      kind,
      count,
      lastAt: z.number(),
      apart: z.number().nullable(),
      examples: z.array(example),
    }),
  ),
  legacyTimes: buckets,
  featureTimes: buckets,
  timeRatios: buckets,
});

const noise = z.object({
  pairs: count,
  unsteady: count,
  fields: z.array(z.object({ field: text, kind, isLearnt: z.boolean(), sightings: z.number(), example })),
});

const file = z.object({
  version: z.literal(1),
  features: z.array(
    z.object({
      feature: text,
      definition: text,
      since: z.number(),
      routes: z.array(z.object({ route: text, ledger, noise })),
    }),
  ),
});

/** The content of the file. */
export function comparedText(features: readonly FeatureMemory[]): string {
  return `${JSON.stringify({ version: 1, features })}\n`;
}

/** What a file says; null if that cannot be read, or is another version's. */
export function readCompared(content: string): readonly FeatureMemory[] | null {
  try {
    return file.safeParse(JSON.parse(content)).data?.features ?? null;
  } catch {
    return null;
  }
}
