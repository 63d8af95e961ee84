import { isScalar, isSeq, type Node } from 'yaml';
import { addEntry, addTopLevel, fillEntry, flowStyleOf, stepOf } from './edit-entries.ts';
import { inFlow, scalarText } from './edit-values.ts';
import {
  applyEdits,
  EditableYaml,
  EditRefused,
  type Entry,
  isAliasNode,
  isNothing,
  startOf,
  type TextEdit,
} from './edit-yaml.ts';

/**
 * The text with one more name in `legacy_only`, which may be absent, false, or a list in either style.
 * @throws EditRefused
 */
export function editLegacyOnly(text: string, name: string): string {
  const yaml = new EditableYaml(text);
  const entry = yaml.entry(yaml.root, 'legacy_only');
  return applyEdits(text, entry === undefined ? [newKey(yaml, name)] : addName(yaml, entry, name));
}

function newKey(yaml: EditableYaml, name: string): TextEdit {
  if (yaml.root.flow) return addEntry(yaml, yaml.root, { key: 'legacy_only', value: [name] });
  const legacy = yaml.entry(yaml.root, 'legacy');
  if (legacy === undefined) throw new EditRefused('the file names no legacy');
  return addTopLevel(yaml, legacy, [`legacy_only: ${inFlow([name], { json: false })}`]);
}

function addName(yaml: EditableYaml, entry: Entry, name: string): TextEdit[] {
  const { value } = entry;
  const json = flowStyleOf(yaml, yaml.root).json;
  if (isSeq(value) && value.items.length > 0) {
    const last = value.items.at(-1) as Node;
    if (value.flow) return [inserted(yaml.endOf(last), `, ${scalarText(name, json || isQuoted(last))}`)];
    const { dash, item } = yaml.columnsOf(value);
    const line = `${' '.repeat(dash)}-`.padEnd(item) + scalarText(name, isQuoted(last));
    return [yaml.linesAfter(yaml.endOf(last), [line])];
  }
  if (value !== null && isAliasNode(value))
    throw refused(yaml, entry, 'legacy_only is an alias: what it stands for may be used elsewhere');
  if (isNothing(value) && !yaml.root.flow)
    return fillEntry(yaml, entry, [`${' '.repeat(stepOf(yaml))}- ${scalarText(name, false)}`]);
  if (value === null) throw refused(yaml, entry, 'legacy_only has no value');
  const start = startOf(value);
  const end = yaml.endOf(value);
  if (yaml.text.slice(start, end).includes('${'))
    throw refused(yaml, entry, 'legacy_only comes from the environment');
  return [{ start, end, text: inFlow([name], { json }) }];
}

function isQuoted(node: Node): boolean {
  return isScalar(node) && node.type === 'QUOTE_DOUBLE';
}

function inserted(at: number, text: string): TextEdit {
  return { start: at, end: at, text };
}

function refused(yaml: EditableYaml, { key }: Entry, why: string): EditRefused {
  return new EditRefused(why, [startOf(key), yaml.endOf(key)]);
}
