/** One row, and lines that stand under it, indented. */
export interface TableRow {
  readonly cells: readonly string[];
  readonly below: readonly string[];
}

/** A table in columns, two spaces between them, without a trailing line end. Empty cells show as a dash. */
export function textTable(head: readonly string[], rows: readonly TableRow[]): string {
  const lines = [head, ...rows.map(({ cells }) => cells)].map((cells) => cells.map((cell) => cell || '–'));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const body = rows.flatMap(({ below }, index) => [
    line(lines[index + 1] ?? []),
    ...below.map((text) => `    ${text}`),
  ]);
  return [line(lines[0] ?? []), ...body].join('\n');
}
