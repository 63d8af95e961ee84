import type { FallbackWord } from '../model/fallback.ts';
import type { Fallback } from '../model/route-table.ts';
import { DEFAULT_FALLBACK } from './defaults.ts';
import type { FeatureFile } from './schema/feature-schema.ts';

/** From what was written to what is complete: when legacy answers in a feature's place; null: never. */
export function buildFallback(file: FeatureFile['fallback']): Fallback | null {
  if (file === undefined || file === false) return null;
  if (file === true) return DEFAULT_FALLBACK;
  return {
    when: file.when?.map((word) => String(word) as FallbackWord) ?? DEFAULT_FALLBACK.when,
    maxBody: file.max_body ?? DEFAULT_FALLBACK.maxBody,
    maxInFlight: file.max_in_flight ?? DEFAULT_FALLBACK.maxInFlight,
  };
}
