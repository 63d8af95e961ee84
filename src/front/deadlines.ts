import type { FrontLimits } from '../model/exchange.ts';

/** How long the rest of a body may take to be read off, ms. */
export const DISCARD_MS = 1000;

/** A deadline that never comes. */
export const NEVER = Number.POSITIVE_INFINITY;

/** When a limit that begins now runs out, by `performance.now()`. Limits of 0 ms are none. */
export function inTime(limitMs: number): number {
  return limitMs > 0 ? performance.now() + limitMs : NEVER;
}

/** How often deadlines are looked at: limits are kept to a fifth of the shortest, and to a second. */
export function checkMs({ headerTimeoutMs, bodyTimeoutMs, keepAliveMs }: FrontLimits): number {
  const shortest = Math.min(...[headerTimeoutMs, bodyTimeoutMs, keepAliveMs].filter((ms) => ms > 0), 5000);
  return Math.max(20, shortest / 5);
}
