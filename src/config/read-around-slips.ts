import type { EnvUsed } from './interpolate.ts';
import { readYamlTree } from './read-yaml-tree.ts';
import { SourceText } from './source-text.ts';
import type { Slip } from './yaml-slips.ts';
import type { YamlTree } from './yaml-tree.ts';

/**
 * One slip of YAML must not hide every other mistake: the value it spoils is blanked out, offsets kept, and the rest
 * is read. Only where the slip keeps to its line, as it does inside `{ … }` and `[ … ]` or in a plain value; else the
 * file stays broken, since a guess would blame the innocent.
 */
const MAX_ROUNDS = 20;

/** A tree, and the lines of which nothing more can be said, since a slip took something out of them. */
export interface MendedTree extends YamlTree {
  readonly spoiltLines: ReadonlySet<number>;
}

/** The tree of a file, read around its slips as far as that goes. */
export function readAroundSlips(
  source: SourceText,
  env: Readonly<Record<string, string | undefined>>,
  used: EnvUsed,
): MendedTree {
  let tree = readYamlTree(source, env, used);
  let mended = source;
  const slips: Slip[] = [];
  for (let round = 0; tree.isBroken && round < MAX_ROUNDS; round++) {
    slips.push(...tree.slips);
    const text = blankOut(mended, tree.slips);
    if (text === null) return { ...tree, slips, spoiltLines: new Set() };
    mended = new SourceText(source.file, text);
    tree = readYamlTree(mended, env, used);
  }
  const spoiltLines = new Set(slips.map(({ range }) => source.lineAt(range[0])));
  return { ...tree, slips: [...slips, ...tree.slips], spoiltLines };
}

/** The text with the spoilt values as spaces; null if one of them can't be told apart from the rest. */
function blankOut(source: SourceText, slips: readonly Slip[]): string | null {
  let { text } = source;
  for (const { range } of slips) {
    const line = source.lineAt(range[0]);
    const start = source.lineStart(line);
    const content = source.lineText(line);
    const from = spoiltFrom(content, range[0] - start);
    if (from === null) return null;
    const end = start + content.length;
    text = text.slice(0, start + from) + ' '.repeat(end - start - from) + text.slice(end);
  }
  return text;
}

/** Where in its line the spoilt value begins: all of a flow collection that ends there, or a plain value. */
function spoiltFrom(line: string, column: number): number | null {
  const opens = line.search(/[{[]/);
  const closes = /[}\]]$/.test(line.replace(/\s#.*$/, '').trimEnd());
  if (opens !== -1 && opens <= column && closes) return opens;
  // A value that begins with one of YAML's own characters is wrong by itself; other plain values may have neighbours.
  const isIndicator = '@`*&!%'.includes(line[column] ?? ' ');
  return isIndicator && /^\s*(?:- +)*(?:[\w-]+: +)?$/.test(line.slice(0, column)) ? column : null;
}
