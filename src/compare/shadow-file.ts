/**
 * Comparisons on disk (`--state`), so that a restart does not begin a week's comparing anew. Written whole or not at
 * all; `read-compared` reads it. It holds names of fields and a few redacted values.
 */
import type { FeatureMemory } from './shadow-book.ts';

/** Its name in the state folder. */
export const SHADOW_FILE = 'compared.json';

/** The content of the file. */
export function comparedText(features: readonly FeatureMemory[]): string {
  return `${JSON.stringify({ version: 1, features })}\n`;
}
