import type { ConfigIssue } from '../model/config-issue.ts';

/** Half-open range of character offsets. */
export type Range = readonly [start: number, end: number];

/**
 * The text of a file and where its lines begin, so that an offset becomes a line and a column. A leading byte order
 * mark is not part of it: columns count from the first character that the user sees.
 */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #starts: number[] = [0];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1))
      this.#starts.push(at + 1);
  }

  /** 1-based line of an offset; offsets past the end belong to the last line. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** The line without its line break; '' past the end. */
  lineText(line: number): string {
    const start = this.#starts[line - 1];
    if (start === undefined) return '';
    const next = this.#starts[line];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, '');
  }

  /** Where the line begins. */
  lineStart(line: number): number {
    return this.#starts[line - 1] ?? this.text.length;
  }

  /** An issue whose caret covers the range, as far as its first line goes. */
  issue(severity: ConfigIssue['severity'], range: Range, message: string): ConfigIssue {
    const offset = Math.max(0, Math.min(range[0], this.text.length));
    const line = this.lineAt(offset);
    const source = this.lineText(line);
    const column = Math.min(offset - this.lineStart(line), source.length) + 1;
    const width = Math.max(1, Math.min(range[1] - offset, source.length - column + 1));
    return { severity, file: this.file, line, column, message, source, width };
  }
}
