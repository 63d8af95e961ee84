/**
 * Durations and sizes as people write them. One number, one unit, no space: `500ms`, `1.5s`, `32KiB`. A duration
 * needs its unit (only 0 goes without), since seconds and milliseconds are mixed up all the time; a size without one
 * is bytes.
 */

/** The longest that a timer of Node can wait (2³¹ − 1 ms, more than 24 days): past it, it would fire at once. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

const MS_PER = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const BYTES_PER = {
  '': 1,
  B: 1,
  kB: 1000,
  KiB: 2 ** 10,
  MB: 1000 ** 2,
  MiB: 2 ** 20,
  GB: 1000 ** 3,
  GiB: 2 ** 30,
} as const;

/** Milliseconds of `2s`, `500ms`, `1.5m`, `1h`, `1d` or `0`; null if it is none, or longer than {@link MAX_DURATION_MS}. */
export function parseDuration(text: string): number | null {
  if (text === '0') return 0;
  const parts = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d)$/.exec(text);
  if (parts === null) return null;
  const ms = Math.round(Number(parts[1]) * MS_PER[parts[2] as keyof typeof MS_PER]);
  return ms <= MAX_DURATION_MS ? ms : null;
}

/** Bytes of `32KiB`, `1.5MiB`, `10MB`, `512B` or `512`; null if it is none, or not a safe integer. */
export function parseSize(text: string): number | null {
  const parts = /^(\d{1,16}(?:\.\d{1,9})?)(B|kB|KiB|MB|MiB|GB|GiB|)$/.exec(text);
  if (parts === null) return null;
  const bytes = Number(parts[1]) * BYTES_PER[parts[2] as keyof typeof BYTES_PER];
  return Number.isSafeInteger(bytes) ? bytes : null;
}
