/**
 * The written forms of durations, sizes and percents, as patterns that the JSON Schema can carry too; `model/units`
 * computes with the first two.
 */

/** `500ms`, `2s`, `1.5s`, `1m`, `1h`, `1d`. */
export const DURATION = /^(?:0|\d{1,15}(?:\.\d{1,9})?(?:ms|s|m|h|d))$/;
/** `512B`, `64KiB`, `10MiB`; kB, MB and GB are powers of ten. */
export const SIZE = /^\d{1,16}(?:\.\d{1,9})?(?:B|kB|KiB|MB|MiB|GB|GiB)?$/;
/** `10%`, with up to two decimals, 0 to 100. */
export const PERCENT = /^(?:100(?:\.0{1,2})?|\d{1,2}(?:\.\d{1,2})?)%$/;

/** Percent as a number, 0 … 100. The text matches {@link PERCENT}. */
export function percentOf(text: string): number {
  return Number(text.slice(0, -1));
}
