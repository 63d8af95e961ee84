import { type LineChange, lineChanges, linesOf } from './line-changes.ts';

const CONTEXT_LINES = 3;

/** What is compared. */
export interface DiffInput {
  /** As the user named it. */
  readonly file: string;
  /** null: there is none. */
  readonly before: string | null;
  readonly after: string | null;
  readonly color: boolean;
}

/** A unified diff, as `diff -u` writes it, with its line ends; '' for two equal texts. `patch` takes it. */
export function unifiedDiff({ file, before, after, color }: DiffInput): string {
  const [old, fresh] = [linesOf(before ?? ''), linesOf(after ?? '')];
  const marked = {
    old: withEnd(old.lines, old.lacksEnd && before !== null && before !== ''),
    fresh: withEnd(fresh.lines, fresh.lacksEnd && after !== null && after !== ''),
  };
  const changes = lineChanges(marked.old, marked.fresh);
  if (changes.length === 0) return '';
  const paint = painter(color);
  const head = [
    paint('bold', `--- ${before === null ? '/dev/null' : file}`),
    paint('bold', `+++ ${after === null ? '/dev/null' : file}`),
  ];
  const hunks = grouped(changes).flatMap((group) => hunk(group, marked.old, paint));
  return `${[...head, ...hunks].join('\n')}\n`;
}

const NO_END = '\n\\ No newline at end of file';

/** The last line with what `diff` says of one without a line end, so that a changed end shows as a change. */
function withEnd(lines: readonly string[], lacksEnd: boolean): readonly string[] {
  return lacksEnd ? [...lines.slice(0, -1), `${lines.at(-1)}${NO_END}`] : lines;
}

/** Changes whose context touches are one hunk. */
function grouped(changes: readonly LineChange[]): LineChange[][] {
  const groups: LineChange[][] = [];
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1);
    const end = last === undefined ? Number.NEGATIVE_INFINITY : last.oldStart + last.removed.length;
    if (change.oldStart - end <= 2 * CONTEXT_LINES) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  return groups;
}

function hunk(group: readonly LineChange[], old: readonly string[], paint: Paint): string[] {
  const [first, last] = [group[0] as LineChange, group.at(-1) as LineChange];
  const start = Math.max(0, first.oldStart - CONTEXT_LINES);
  const end = Math.min(old.length, last.oldStart + last.removed.length + CONTEXT_LINES);
  const lines: string[] = [];
  let at = start;
  for (const { oldStart, removed, added } of group) {
    lines.push(...old.slice(at, oldStart).map((line) => ` ${shown(line)}`));
    lines.push(...removed.map((line) => paint('red', `-${shown(line)}`)));
    lines.push(...added.map((line) => paint('green', `+${shown(line)}`)));
    at = oldStart + removed.length;
  }
  lines.push(...old.slice(at, end).map((line) => ` ${shown(line)}`));
  const grown = group.reduce((sum, { removed, added }) => sum + added.length - removed.length, 0);
  const newStart = start + first.newStart - first.oldStart;
  const counts = `@@ -${range(start, end - start)} +${range(newStart, end - start + grown)} @@`;
  return [paint('cyan', counts), ...lines];
}

/** `diff` counts lines from 1, and names the line before a range without lines. */
function range(start: number, count: number): string {
  const from = count === 0 ? start : start + 1;
  return count === 1 ? `${from}` : `${from},${count}`;
}

/** Without the half of a Windows line end, which would move a terminal's cursor. */
function shown(line: string): string {
  return line.replace(/\r(?=\n|$)/, '');
}

const CODES = { bold: 1, red: 31, green: 32, cyan: 36 } as const;
type Paint = (code: keyof typeof CODES, text: string) => string;

function painter(color: boolean): Paint {
  return (code, text) => (color ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text);
}
