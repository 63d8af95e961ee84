import { isScalar, type Node } from 'yaml';
import type { Stage } from '../model/route-table.ts';
import { addEntry, isMapping, type Mapping, replaceScalar, stepOf } from './edit-entries.ts';
import {
  applyEdits,
  EditableYaml,
  EditRefused,
  type Entry,
  isAliasNode,
  startOf,
  type TextEdit,
} from './edit-yaml.ts';

/** A feature's stage, and for a canary the share of clients that it gets. */
export interface StageChange {
  readonly feature: string;
  readonly stage: Stage;
  /** `10%`; null: as it is. */
  readonly share: string | null;
}

/**
 * The text with another stage (and share): only the word changes, or a line is put in. A feature that is just its url
 * becomes a mapping; one that is an alias, a mapping that takes all it has from there.
 *
 * @throws EditRefused
 */
export function editStage(text: string, { feature, stage, share }: StageChange): string {
  const staged = setIn(text, feature, (yaml, map) => stageEdit(yaml, map, { feature, stage }));
  return share === null
    ? staged
    : setIn(staged, feature, (yaml, map) => shareEdit(yaml, map, { feature, share }));
}

type MapEdit = (yaml: EditableYaml, map: Mapping) => TextEdit | null;

function setIn(text: string, feature: string, edit: MapEdit): string {
  const yaml = new EditableYaml(text);
  const entry = featureEntry(yaml, feature);
  if (isMapping(entry.value)) {
    const made = edit(yaml, entry.value);
    return made === null ? text : applyEdits(text, [made]);
  }
  return setIn(applyEdits(text, asMapping(yaml, entry)), feature, edit);
}

function featureEntry(yaml: EditableYaml, feature: string): Entry {
  const features = yaml.entry(yaml.root, 'features');
  const own = isMapping(features?.value) ? yaml.entry(features.value, feature) : undefined;
  if (own !== undefined) return own;
  const range = features === undefined ? null : ([startOf(features.key), yaml.endOf(features.key)] as const);
  throw new EditRefused(
    `"${feature}" does not stand under features by itself (an alias or a merge brings it)`,
    range,
  );
}

/** The edits that make a mapping of a feature that is just its url, or an alias. */
function asMapping(yaml: EditableYaml, entry: Entry): TextEdit[] {
  const { value } = entry;
  if (value === null)
    throw new EditRefused('the feature has no value', [startOf(entry.key), yaml.endOf(entry.key)]);
  if (isAliasNode(value)) return [aliasAsMapping(yaml, value)];
  const features = yaml.entry(yaml.root, 'features')?.value;
  const start = beforeProps(yaml, entry);
  if (isMapping(features) && features.flow) {
    const end = yaml.endOf(value);
    return [
      { start, end: start, text: '{ url: ' },
      { start: end, end, text: ' }' },
    ];
  }
  const colon = yaml.text.indexOf(':', yaml.endOf(entry.key)) + 1;
  const column = yaml.columnAt(yaml.startOfEntry(entry)) + stepOf(yaml);
  if (yaml.lineAt(colon) !== yaml.lineAt(start))
    throw new EditRefused('its url stands below its name: write it as "url: …"', [start, start]);
  return [{ start: colon, end: start, text: `${yaml.eol}${' '.repeat(column)}url: ` }];
}

/** `*base` as `{ <<: *base }`, or `{ url: *base }` for a url. */
function aliasAsMapping(yaml: EditableYaml, alias: Extract<Node, { source: string }>): TextEdit {
  const key = isMapping(yaml.resolve(alias)) ? '<<' : 'url';
  const start = startOf(alias);
  return { start, end: yaml.endOf(alias), text: `{ ${key}: *${alias.source} }` };
}

/** Where a value begins with its anchor and tag. */
function beforeProps(yaml: EditableYaml, { value, srcToken }: Entry): number {
  const prop = srcToken?.sep?.find(({ type }) => type === 'anchor' || type === 'tag');
  return prop?.offset ?? (value === null ? yaml.text.length : startOf(value));
}

function stageEdit(
  yaml: EditableYaml,
  map: Mapping,
  { feature, stage }: { feature: string; stage: Stage },
): TextEdit {
  const own = yaml.entry(map, 'stage');
  if (own === undefined) return addEntry(yaml, map, { key: 'stage', value: stage, after: urlOf(yaml, map) });
  return wordEdit(yaml, own, { word: stage, what: `the stage of "${feature}"` });
}

function shareEdit(
  yaml: EditableYaml,
  map: Mapping,
  { feature, share }: { feature: string; share: string },
): TextEdit {
  const canary = yaml.entry(map, 'canary');
  if (canary === undefined) {
    const after = yaml.entry(map, 'stage');
    return addEntry(yaml, map, { key: 'canary', value: { pairs: [['share', share]] }, after });
  }
  const block = canary.value;
  if (isAliasNode(block)) {
    const text = `{ <<: *${block.source}, share: ${share} }`;
    return { start: startOf(block), end: yaml.endOf(block), text };
  }
  if (!isMapping(block))
    throw new EditRefused('canary is no mapping', [startOf(canary.key), yaml.endOf(canary.key)]);
  const own = yaml.entry(block, 'share');
  if (own === undefined) return addEntry(yaml, block, { key: 'share', value: share });
  return wordEdit(yaml, own, { word: share, what: `the share of "${feature}"` });
}

/** Another word as an entry's value; an alias gives way to it, so that nobody else changes. */
function wordEdit(
  yaml: EditableYaml,
  { key, value }: Entry,
  change: { word: string; what: string },
): TextEdit {
  if (isScalar(value)) return replaceScalar(yaml, value, change);
  if (isAliasNode(value)) return { start: startOf(value), end: yaml.endOf(value), text: change.word };
  throw new EditRefused(`${change.what} is no word`, [startOf(key), yaml.endOf(key)]);
}

/** New keys go after the url, where people look for them; a url that is merged in leaves the end. */
function urlOf(yaml: EditableYaml, map: Mapping): Entry | undefined {
  return yaml.entry(map, 'url') ?? yaml.entry(map, 'urls');
}
