import type { AccessEntry } from './access-entry.ts';

/** What the combined format has and the entry has not. */
export interface CombinedExtras {
  /** Masked and safe. */
  readonly referer: string | null;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Apache's combined format, for the tools that read it. */
export function combinedLine(entry: AccessEntry, extras: CombinedExtras): string {
  const { time } = entry;
  const month = MONTHS[Number(time.slice(5, 7)) - 1];
  const stamp = `${time.slice(8, 10)}/${month}/${time.slice(0, 4)}:${time.slice(11, 19)} +0000`;
  const bytes = entry.bytes_out === 0 ? '-' : entry.bytes_out;
  return (
    `${entry.client ?? '-'} - - [${stamp}] ${quoted(requestLine(entry))} ${entry.status} ${bytes} ` +
    `${quoted(extras.referer ?? '-')} ${quoted(entry.user_agent ?? '-')}\n`
  );
}

function requestLine(entry: AccessEntry): string {
  if (entry.method === null || entry.path === null) return '-';
  const version = entry.protocol === null ? '' : ` ${entry.protocol}`;
  return `${entry.method} ${entry.path}${version}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const BLUE = 34;
const CYAN = 36;
const GREY = 90;

/** One line for a person at a terminal: when, what, by whom, how long, and what went wrong. Local time. */
export function prettyLine(entry: AccessEntry, hasColors: boolean): string {
  const paint = (color: number, text: string) => (hasColors ? `\x1b[${color}m${text}\x1b[0m` : text);
  const words = [
    paint(GREY, clock(entry.time)),
    paint(statusColor(entry.status), String(entry.status)),
    (entry.method ?? '-').padEnd(4),
    entry.path ?? '-',
    paint(entry.side === 'feature' ? GREEN : BLUE, whoAnswered(entry)),
    paint(GREY, `${entry.duration_ms.toFixed(1)} ms`),
  ];
  if (entry.attempts > 1) words.push(paint(YELLOW, `${entry.attempts} attempts`));
  if (entry.fallback !== null) words.push(paint(YELLOW, `fallback: ${entry.fallback}`));
  if (entry.failure !== null) words.push(paint(RED, entry.failure));
  return `${words.join(' ')}\n`;
}

/** `orders → feature (live: stage)`, or `(default) → legacy (default)`. */
function whoAnswered(entry: AccessEntry): string {
  if (entry.route === null) return '(no route)';
  if (entry.side === null) return entry.route;
  const why = [entry.stage, entry.reason].filter((word) => word !== null).join(': ');
  return `${entry.route} → ${entry.side} (${why})`;
}

function statusColor(status: number): number {
  if (status >= 500) return RED;
  if (status >= 400) return YELLOW;
  return status >= 300 ? CYAN : GREEN;
}

function clock(time: string): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}
