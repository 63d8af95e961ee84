/** How long the rest of a body may take to be read off, ms. */
export const DISCARD_MS = 1000;

/** A deadline that never comes. */
export const NEVER = Number.POSITIVE_INFINITY;

/** When a limit that begins now runs out, by `performance.now()`. Limits of 0 ms are none. */
export function inTime(limitMs: number): number {
  return limitMs > 0 ? performance.now() + limitMs : NEVER;
}
