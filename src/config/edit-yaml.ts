/**
 * A routes file as text that is to be changed in few places. YAML is parsed for where things stand; what is written
 * is the old text with some characters put in or replaced, never the file written anew, so that comments, order,
 * quotes, anchors, line ends and indentation stay as their owner made them.
 *
 * An edit that this cannot do safely is refused with the reason: `edit-expected` compares what the text says before and
 * after, so nothing here needs to foresee every form that YAML has.
 */

import type { YAMLMap, YAMLSeq } from 'yaml';
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
} from 'yaml';
import type { Range } from './source-text.ts';

/** A key with its value, as a mapping of a parsed file has them. */
export type Entry = Pair<Node, Node | null>;

/** Characters that replace others: half-open offsets into the text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Why an edit is not made, for people; `range` is where in the text, if it is about a place. */
export class EditRefused extends Error {
  readonly range: Range | null;

  constructor(message: string, range: Range | null = null) {
    super(message);
    this.range = range;
  }
}

/** The text with the edits made. They do not overlap; of two at one place the first goes first. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let out = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

/** A parsed file: finds entries, and where to put new ones. The text has no byte order mark. */
export class EditableYaml {
  readonly text: string;
  readonly root: YAMLMap<Node, Node | null>;
  /** The file's own line end: that of its first line. */
  readonly eol: string;
  readonly #anchors = new Map<string, Node>();

  /** @throws EditRefused when the text is no mapping: for a file that was validated, that is no case. */
  constructor(text: string) {
    this.text = text;
    this.eol = /\r?\n/.exec(text)?.[0] ?? '\n';
    const document = parseDocument(text, {
      schema: 'failsafe',
      keepSourceTokens: true,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    });
    if (document.errors.length > 0 || !isMap(document.contents))
      throw new EditRefused('the file is not a YAML mapping');
    this.root = document.contents as YAMLMap<Node, Node | null>;
    this.#noteAnchors(this.root);
  }

  /** The entry of a mapping with this key; undefined if it has none of its own. */
  entry(map: YAMLMap<Node, Node | null>, key: string): Entry | undefined {
    return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) as
      | Entry
      | undefined;
  }

  /** What an alias stands for. */
  resolve(alias: Alias): Node | undefined {
    return this.#anchors.get(alias.source);
  }

  lineAt(offset: number): number {
    return this.text.slice(0, offset).split('\n').length;
  }

  columnAt(offset: number): number {
    return offset - (this.text.lastIndexOf('\n', offset - 1) + 1);
  }

  /** Where the line of an offset ends, before its line break. */
  lineEnd(offset: number): number {
    const at = this.text.indexOf('\n', offset);
    if (at < 0) return this.text.length;
    return at > offset && this.text[at - 1] === '\r' ? at - 1 : at;
  }

  /** Where the last character of a node's content ends; comments and blank lines after it are not its own. */
  endOf(node: Node): number {
    if (isMap(node) && !node.flow) {
      const last = node.items.at(-1);
      return last === undefined ? endOfRange(node) : this.endOfEntry(last as Entry);
    }
    if (isSeq(node) && !node.flow) {
      const last = node.items.at(-1);
      return last === undefined ? endOfRange(node) : this.endOf(last as Node);
    }
    let end = endOfRange(node);
    while (isScalar(node) && isBlockScalar(node) && /[\r\n]/.test(this.text[end - 1] ?? '')) end--;
    return end;
  }

  endOfEntry({ key, value }: Entry): number {
    return this.endOf(value ?? key);
  }

  /** Where an entry begins: its key, or the anchor or question mark before it. */
  startOfEntry({ key, srcToken }: Entry): number {
    const before = srcToken?.start.find(({ type }) => !BLANK.has(type));
    return before === undefined ? startOf(key) : before.offset;
  }

  /** The column at which the keys of a block mapping stand. */
  columnOf(map: YAMLMap<Node, Node | null>): number {
    const [first] = map.items;
    return first === undefined ? 0 : this.columnAt(this.startOfEntry(first as Entry));
  }

  /** The column of the dashes of a block list, and of what is after them. */
  columnsOf(list: YAMLSeq): { readonly dash: number; readonly item: number } {
    const token = list.srcToken;
    const dash =
      token?.type === 'block-seq'
        ? token.items[0]?.start.find(({ type }) => type === 'seq-item-ind')
        : undefined;
    const [first] = list.items as Node[];
    if (dash === undefined || first === undefined) return { dash: 0, item: 2 };
    const column = this.columnAt(dash.offset);
    const at = isMap(first) && !first.flow ? this.startOfEntry(first.items[0] as Entry) : startOf(first);
    const start = this.lineAt(at) === this.lineAt(dash.offset) ? this.columnAt(at) : 0;
    return { dash: column, item: start > column ? start : column + 2 };
  }

  /** Lines put in after the line of an offset. */
  linesAfter(offset: number, lines: readonly string[]): TextEdit {
    const at = this.lineEnd(offset);
    return { start: at, end: at, text: lines.map((line) => this.eol + line).join('') };
  }

  /** The end of the comment lines that follow a line and are indented at least so far: they belong to what is above. */
  afterOwnComments(offset: number, column: number): number {
    let end = this.lineEnd(offset);
    let last = end;
    for (;;) {
      const start = this.text.indexOf('\n', end) + 1;
      if (start === 0 || start >= this.text.length) return last;
      end = this.lineEnd(start);
      const line = this.text.slice(start, end);
      const isOwn = /^ *#/.test(line) && line.indexOf('#') >= column;
      if (!isOwn && line.trim() !== '') return last;
      if (isOwn) last = end;
    }
  }

  #noteAnchors(node: unknown): void {
    if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    }
    if (isSeq(node)) for (const item of node.items) this.#noteAnchors(item);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      this.#noteAnchors(key);
      this.#noteAnchors(value);
    }
  }
}

const BLANK: ReadonlySet<string> = new Set(['space', 'newline', 'comment', 'comma']);

/** Where a node begins, after its anchor and tag. */
export function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function endOfRange(node: Node): number {
  return node.range?.[1] ?? 0;
}

function isBlockScalar({ type }: Scalar): boolean {
  return type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL';
}

/** Whether a node is nothing at all: `features:` with no value. */
export function isNothing(node: Node | null): boolean {
  return (
    node === null ||
    (isScalar(node) && node.type === 'PLAIN' && /^(?:|~|null|Null|NULL)$/.test(String(node.value)))
  );
}

/** Whether a value is an alias: `*name`. */
export function isAliasNode(node: Node | null): node is Alias {
  return node !== null && isAlias(node);
}
