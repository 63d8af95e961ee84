/**
 * The Prometheus text format 0.0.4, written in pieces. A scrape of a thousand busy routes is ten megabytes of text;
 * made in one go it would hold up every request for the time. So a writer returns the text of one route of one
 * metric, and pieces of about 64 KiB, half a millisecond of work each, are handed out with a turn of the event loop in
 * between. The lines of one histogram are always made together: their counts agree.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Content-Type of the text. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const PIECE_CHARACTERS = 64 * 1024;

/** A metric with all its series. */
export interface MetricFamily<Item> {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The lines of one item under the metric's name, each ended by a line feed; '' if it has none. */
  readonly lines: (name: string, item: Item) => string;
}

/** Text of the families over the items, in pieces. Families without a line are left out, header and all. */
export async function* expositionOf<Item>(
  families: readonly MetricFamily<Item>[],
  items: readonly Item[],
): AsyncGenerator<string, void, undefined> {
  let piece = '';
  for (const family of families) {
    let header = headerOf(family);
    for (const item of items) {
      const lines = family.lines(family.name, item);
      if (lines === '') continue;
      piece += header + lines;
      header = '';
      if (piece.length < PIECE_CHARACTERS) continue;
      yield piece;
      piece = '';
      await nextTurn();
    }
  }
  if (piece !== '') yield piece;
}

function headerOf(family: { readonly name: string; readonly type: string; readonly help: string }): string {
  return `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`;
}

const SPECIAL = /[\\"\n]/;

/** A label's value as it stands between quotes: backslash, quote and line feed escaped, all else as it is. */
export function escapeLabel(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
