import { lineChanges, linesOf } from './line-changes.ts';

/** A line for a shell that makes an edit, for when this process may not: GNU sed, printf, rm. */
export interface ManualEdit {
  readonly file: string;
  /** null: there is none. */
  readonly before: string | null;
  /** null: it is deleted. */
  readonly after: string | null;
}

/** The line, without a line end. */
export function manualLine({ file, before, after }: ManualEdit): string {
  if (after === null) return `rm ${quoted(file)}`;
  if (before === null && after === '') return `touch ${quoted(file)}`;
  if (before === null || before === '' || after === '')
    return `printf %b ${quoted(escaped(after))} > ${quoted(file)}`;
  const edits = lineChanges(linesOf(before).lines, linesOf(after).lines).map(
    ({ oldStart, removed, added }) => {
      if (removed.length === 0 && oldStart === 0) return `1s/^/${replacement(added)}\\n/`;
      if (removed.length === 0) return `${oldStart}s/$/\\n${replacement(added)}/`;
      const last = oldStart + removed.length;
      const gone = removed.length > 1 ? [`${oldStart + 2},${last}d`] : [];
      const first = added.length === 0 ? `${oldStart + 1}d` : `${oldStart + 1}s/.*/${replacement(added)}/`;
      return [first, ...gone].join(';');
    },
  );
  return `sed -i ${edits.map((edit) => `-e ${quoted(edit)}`).join(' ')} ${quoted(file)}`;
}

function replacement(lines: readonly string[]): string {
  return lines.map((line) => line.replace(/[\\/&]/g, '\\$&').replaceAll('\r', '\\r')).join('\\n');
}

/** As `printf %b` reads it. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
