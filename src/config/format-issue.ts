import type { ConfigIssue } from '../model/config-issue.ts';

/** How an issue is shown. */
export interface IssueFormat {
  /** Terminal colours; off by default. */
  readonly color?: boolean;
}

/** How much of a long line is shown around the caret. */
const MAX_SHOWN = 140;

/**
 * An issue for people, without a trailing line break:
 *
 *     routes.yaml:14:9 error unknown feature "order" (did you mean "orders"?)
 *       14 |     to: order
 *          |         ^^^^^
 */
export function formatIssue(issue: ConfigIssue, format: IssueFormat = {}): string {
  const paint = painter(format.color ?? false);
  const place = issue.line === 0 ? issue.file : `${issue.file}:${issue.line}:${issue.column}`;
  const color = issue.severity === 'error' ? 'red' : 'yellow';
  const head = `${paint('bold', place)} ${paint(color, issue.severity)} ${visible(issue.message)}`;
  if (issue.line === 0 || issue.source === null) return head;
  const { before, marked, after } = shown(issue, issue.source);
  const number = String(issue.line);
  const gutter = ' '.repeat(number.length);
  const indent = before.replace(/[^\t]/g, ' ');
  return [
    head,
    `  ${number} | ${before}${marked}${after}`.trimEnd(),
    `  ${gutter} | ${indent}${paint(color, '^'.repeat(Math.max(1, marked.length)))}`,
  ].join('\n');
}

/** `2 errors, 1 warning`; `no issues` for none. */
export function summarizeIssues(issues: readonly ConfigIssue[]): string {
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const parts = [counted(errors, 'error'), counted(issues.length - errors, 'warning')].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? 'no issues' : parts.join(', ');
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The line in three parts, cut to a window around the caret. */
function shown(issue: ConfigIssue, source: string): { before: string; marked: string; after: string } {
  const start = issue.column - 1;
  const from = start > MAX_SHOWN - 40 ? start - 40 : 0;
  const end = Math.min(start + issue.width, from + MAX_SHOWN);
  const to = from + MAX_SHOWN;
  return {
    before: (from > 0 ? '…' : '') + visible(source.slice(from, start)),
    marked: visible(source.slice(start, end)),
    after: visible(source.slice(end, to)) + (to < source.length ? '…' : ''),
  };
}

/** Control characters, which could move a terminal's cursor, as a mark; tabs stay. */
function visible(text: string): string {
  return text.replace(/[\x00-\x08\x0A-\x1F\x7F-\x9F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, '\uFFFD');
}

const CODES = { bold: 1, red: 31, yellow: 33 } as const;

function painter(color: boolean): (code: keyof typeof CODES, text: string) => string {
  return (code, text) => (color ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text);
}
