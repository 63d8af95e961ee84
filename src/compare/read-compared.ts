/**
 * Reads what was compared before a restart. What cannot be read counts as none, and is said. Loaded where there is such a
 * file: a router that compares nothing starts without the library for schemas.
 */
import { z } from 'zod';
import { DIFFERENCE_KINDS } from '../model/comparison.ts';
import type { FeatureMemory } from './shadow-book.ts';

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

/** What a file says; null if that cannot be read, or is another version's. */
export function readCompared(content: string): readonly FeatureMemory[] | null {
  try {
    return file.safeParse(JSON.parse(content)).data?.features ?? null;
  } catch {
    return null;
  }
}
