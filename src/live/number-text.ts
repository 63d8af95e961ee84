/** Numbers for people: as exact as they are worth. */

/** `5.1 %` of 0.0513. */
export function shareText(share: number): string {
  return `${significant(share * 100)} %`;
}

/** `95 ms`, `1.2 s`, `10 min`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${significant(ms)} ms`;
  if (ms < 120_000) return `${significant(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${significant(ms / 60_000)} min`;
  return `${significant(ms / 3_600_000)} h`;
}

/** `1.5 times`. */
export function timesText(times: number): string {
  return `${significant(times)} times legacy's`;
}

/** Two digits where they say something, never an exponent. */
function significant(value: number): string {
  if (value >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(2)));
}
