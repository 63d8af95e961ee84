import { isMap, isScalar, type Node, type Scalar, type YAMLMap } from 'yaml';
import {
  type FlowStyle,
  inBlock,
  inFlow,
  type NewMapping,
  type NewValue,
  scalarText,
} from './edit-values.ts';
import { type EditableYaml, EditRefused, type Entry, startOf, type TextEdit } from './edit-yaml.ts';

/** The few edits that all changes of a routes file are made of. */

/** What a mapping of a routes file is to the editor. */
export type Mapping = YAMLMap<Node, Node | null>;

/** A node's value as a mapping. */
export function isMapping(node: Node | null | undefined): node is Mapping {
  return isMap(node);
}

/**
 * Another word in place of a scalar's, in its own quotes. @throws EditRefused when it comes from the environment.
 * `what` names it in the message: `the stage of "orders"`.
 */
export function replaceScalar(
  yaml: EditableYaml,
  node: Scalar,
  { word, what }: { word: string; what: string },
): TextEdit {
  const start = startOf(node);
  const end = yaml.endOf(node);
  const source = yaml.text.slice(start, end);
  if (source.includes('${')) {
    const message = `${what} comes from the environment, as ${source}: set it there, or write the word into the file`;
    throw new EditRefused(message, [start, end]);
  }
  const written = String(node.value);
  const at = written === '' ? -1 : source.lastIndexOf(written);
  if (at >= 0) return { start: start + at, end: start + at + written.length, text: word };
  const quote = node.type === 'QUOTE_SINGLE' ? "'" : '"';
  return { start, end, text: `${quote}${word}${quote}` };
}

/** A further key in a mapping: after the entry that is named, or as its last. */
export function addEntry(
  yaml: EditableYaml,
  map: Mapping,
  {
    key,
    value,
    after,
  }: { readonly key: string; readonly value: NewValue; readonly after?: Entry | undefined },
): TextEdit {
  const last = after ?? (map.items.at(-1) as Entry | undefined);
  if (map.flow) return addInFlow(yaml, map, { key, value });
  if (last === undefined) throw new EditRefused('the mapping is empty');
  const column = yaml.columnOf(map);
  const lines = inBlock({ pairs: [[key, value]] }, column, stepOf(yaml));
  return yaml.linesAfter(yaml.endOfEntry(last), lines);
}

function addInFlow(
  yaml: EditableYaml,
  map: Mapping,
  { key, value }: { key: string; value: NewValue },
): TextEdit {
  const style = flowStyleOf(yaml, map);
  const text = `${scalarText(key, style.json)}: ${inFlow(value, style)}`;
  const last = map.items.at(-1) as Entry | undefined;
  if (last !== undefined) {
    const end = yaml.endOfEntry(last);
    return { start: end, end, text: `, ${text}` };
  }
  const start = startOf(map);
  const end = yaml.endOf(map);
  if (/^\{\s*\}$/.test(yaml.text.slice(start, end))) return { start, end, text: `{ ${text} }` };
  return { start: start + 1, end: start + 1, text: ` ${text},` };
}

/** In quotes throughout if the first key is: the file, or this part of it, is written as JSON. */
export function flowStyleOf(yaml: EditableYaml, map: Mapping): FlowStyle {
  const key = map.items[0]?.key ?? yaml.root.items[0]?.key;
  return { json: isScalar(key) && key.type === 'QUOTE_DOUBLE' };
}

/** By how many columns the file indents: as its first nested mapping does. */
export function stepOf(yaml: EditableYaml): number {
  for (const { value } of yaml.root.items) {
    if (isMapping(value) && !value.flow && value.items.length > 0) return yaml.columnOf(value) || 2;
  }
  return 2;
}

/** A value of a block mapping's entry, in place of nothing, `null`, `{}` or `[]`: the lines below its key. */
export function fillEntry(yaml: EditableYaml, entry: Entry, lines: readonly string[]): TextEdit[] {
  const value = entry.value;
  const keyEnd = yaml.endOf(entry.key);
  const colon = yaml.text.indexOf(':', keyEnd) + 1;
  if (value === null || startOf(value) === yaml.endOf(value)) return [yaml.linesAfter(colon, lines)];
  const start = startOf(value);
  const end = yaml.endOf(value);
  if (yaml.text.slice(colon, start).trim() !== '')
    throw new EditRefused('it has an anchor or a tag', [start, end]);
  return [{ start: colon, end, text: '' }, yaml.linesAfter(end, lines)];
}

/** A further key at the top level, with its lines, after this entry: blank lines around it. */
export function addTopLevel(yaml: EditableYaml, after: Entry, lines: readonly string[]): TextEdit {
  const end = yaml.afterOwnComments(yaml.endOfEntry(after), 1);
  const rest = yaml.text.slice(end).replace(/^\r?\n/, '');
  const isFollowed = rest !== '' && !/^\s*(?:\n|$)/.test(rest);
  return yaml.linesAfter(end, ['', ...lines, ...(isFollowed ? [''] : [])]);
}

/** Lines of a mapping that begin at a column. */
export function mappingLines(mapping: NewMapping, column: number, yaml: EditableYaml): string[] {
  return inBlock(mapping, column, stepOf(yaml));
}
