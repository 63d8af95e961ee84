/**
 * What a running router says of what it compared, read with care, as in `router-state`: what is missing or not known is
 * passed over.
 */
import { z } from 'zod';

const count = z.number().catch(0);
const text = z.string().nullish().catch(null);
const number = z.number().nullish().catch(null);

const example = z.object({ legacy: text, feature: text });

const fieldSchema = z.looseObject({
  field: z.string(),
  kind: z.string().catch('?'),
  count,
  says: text,
  accept: text,
  examples: z.array(example).catch([]),
});

const noiseFieldSchema = z.looseObject({
  field: z.string(),
  learnt: z.boolean().catch(false),
  example: z.object({ first: text, second: text }).nullish().catch(null),
});

const routeSchema = z.looseObject({
  route: z.string(),
  says: text,
  counts: z
    .looseObject({
      match: count,
      noise: count,
      mismatch: count,
      not_built: count,
      skipped: count,
      error: count,
    })
    .catch({ match: 0, noise: 0, mismatch: 0, not_built: 0, skipped: 0, error: 0 }),
  reasons: z.array(z.object({ reason: z.string(), count })).catch([]),
  times: z.looseObject({ says: text }).nullish().catch(null),
  fields: z.array(fieldSchema).catch([]),
  noise: z
    .looseObject({ asked_twice: count, fields: z.array(noiseFieldSchema).catch([]) })
    .nullish()
    .catch(null),
});

const featureSchema = z.looseObject({
  feature: z.string(),
  verdict: text,
  says: text,
  since: text,
  noise_share: number,
  ignore_block: text,
  routes: z.array(routeSchema).catch([]),
});

/** `/api/shadow/:feature`. */
export type ShadowState = z.output<typeof featureSchema>;
/** One route of it. */
export type ShadowRouteState = ShadowState['routes'][number];

/** Reads the page; null: it is none. */
export function readShadow(page: unknown): ShadowState | null {
  return featureSchema.safeParse(page).data ?? null;
}
