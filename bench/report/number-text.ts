/** Numbers as the tables and the plot write them. */
import type { Spread } from '../measure/statistics.ts';

/** Three digits that count, no exponent: `0.412`, `41.2`, `4 120`. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return grouped(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** `0.25 (0.24–0.27)`: the median and the quartiles. */
export function ratioText({ median, low, high }: Spread): string {
  if (!Number.isFinite(median)) return '–';
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** The median and half of the distance between the quartiles: `41.2 ± 1.3`. */
export function spreadText(spread: Spread): string {
  if (!Number.isFinite(spread.median)) return '–';
  return `${shortNumber(spread.median)} ± ${shortNumber((spread.high - spread.low) / 2)}`;
}

/** Thousands apart by a narrow space. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
