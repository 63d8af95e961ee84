import { isSeq, type Node, type YAMLSeq } from 'yaml';
import {
  addEntry,
  addTopLevel,
  fillEntry,
  flowStyleOf,
  isMapping,
  type Mapping,
  mappingLines,
  stepOf,
} from './edit-entries.ts';
import { asListItem, inFlow, type NewMapping, type NewValue, scalarText } from './edit-values.ts';
import {
  applyEdits,
  EditableYaml,
  EditRefused,
  type Entry,
  isNothing,
  startOf,
  type TextEdit,
} from './edit-yaml.ts';

/** A route to be put in, with its feature if that is new. */
export interface CarveChange {
  /** A feature's name, or `legacy` for a hole in a feature. */
  readonly to: string;
  /** Of a feature that the file does not have yet; null: it has it. */
  readonly url: string | null;
  readonly path: { readonly kind: 'prefix' | 'path'; readonly value: string };
  readonly methods: readonly string[];
  readonly hosts: readonly string[];
  /** null: none is written, and the route takes its default name. */
  readonly name: string | null;
}

/**
 * The text with the route as the last of `routes`, and a new feature, in stage legacy, as the last of `features`; in the
 * style of their neighbours. @throws EditRefused
 */
export function editCarve(text: string, change: CarveChange): string {
  const featured = change.url === null ? text : addFeature(text, change.to, change.url);
  return addRoute(featured, change);
}

function addFeature(text: string, name: string, url: string): string {
  const yaml = new EditableYaml(text);
  const value: NewMapping = {
    pairs: [
      ['url', url],
      ['stage', 'legacy'],
    ],
  };
  const entry = yaml.entry(yaml.root, 'features');
  if (yaml.root.flow || (isMapping(entry?.value) && entry.value.flow && entry.value.items.length > 0))
    return applyEdits(text, [addToFlow(yaml, entry, { key: name, value, top: 'features' })]);
  if (entry === undefined) {
    const lines = mappingLines({ pairs: [['features', { pairs: [[name, value]] }]] }, 0, yaml);
    return applyEdits(text, [addTopLevel(yaml, yaml.entry(yaml.root, 'legacy') ?? lastEntry(yaml), lines)]);
  }
  const mapping: NewMapping = { pairs: [[name, value]] };
  if (isNothing(entry.value) || isEmptyFlow(entry.value))
    return applyEdits(text, fillEntry(yaml, entry, mappingLines(mapping, stepOf(yaml), yaml)));
  if (!isMapping(entry.value))
    throw new EditRefused('features is an alias', [startOf(entry.key), yaml.endOf(entry.key)]);
  return applyEdits(text, [addLastFeature(yaml, entry.value, mapping)]);
}

/** After the last feature, with what its comments say of it; set off by a blank line if the others are. */
function addLastFeature(yaml: EditableYaml, features: Mapping, mapping: NewMapping): TextEdit {
  const items = features.items as Entry[];
  const last = items.at(-1) as Entry;
  const column = yaml.columnOf(features);
  const [[name, value] = ['', '']] = mapping.pairs;
  const isFlow = isMapping(last.value) && last.value.flow;
  const lines = isFlow
    ? [`${' '.repeat(column)}${scalarText(name, false)}: ${inFlow(value, { json: false })}`]
    : mappingLines(mapping, column, yaml);
  const spaced =
    items.length > 1 && isSpaced(yaml, yaml.endOfEntry(items.at(-2) as Entry), yaml.startOfEntry(last));
  const end = yaml.afterOwnComments(yaml.endOfEntry(last), column);
  return yaml.linesAfter(end, spaced ? ['', ...lines] : lines);
}

function addRoute(text: string, change: CarveChange): string {
  const yaml = new EditableYaml(text);
  const entry = yaml.entry(yaml.root, 'routes');
  const value = entry?.value ?? null;
  const isOpenFlow = isSeq(value) && value.flow === true && value.items.length > 0;
  if (yaml.root.flow || isOpenFlow) return applyEdits(text, [addRouteInFlow(yaml, entry, routeOf(change))]);
  const step = stepOf(yaml);
  const lines = asListItem(routeOf(change), { dash: step, item: step + 2, step });
  if (entry === undefined) {
    const after = yaml.entry(yaml.root, 'features') ?? lastEntry(yaml);
    return applyEdits(text, [addTopLevel(yaml, after, ['routes:', ...lines])]);
  }
  if (isNothing(value) || isEmptyFlow(value)) return applyEdits(text, fillEntry(yaml, entry, lines));
  if (!isSeq(value)) throw new EditRefused('routes is an alias', [startOf(entry.key), yaml.endOf(entry.key)]);
  return applyEdits(text, [addLastRoute(yaml, value, change)]);
}

function addLastRoute(yaml: EditableYaml, routes: YAMLSeq, change: CarveChange): TextEdit {
  const items = routes.items as Node[];
  const last = items.at(-1) as Node;
  const { dash, item } = yaml.columnsOf(routes);
  const match = isMapping(last) ? yaml.entry(last, 'match')?.value : undefined;
  const isFlow = isMapping(last) && last.flow === true;
  const step = isMapping(match) && !match.flow ? Math.max(yaml.columnOf(match) - item, 1) : stepOf(yaml);
  const route = routeOf(change);
  const lines = isFlow
    ? [`${`${' '.repeat(dash)}-`.padEnd(item)}${inFlow(route, { json: false })}`]
    : asListItem(isMapping(match) && match.flow ? flowMatch(route) : route, { dash, item, step });
  const spaced = items.length > 1 && isSpaced(yaml, yaml.endOf(items.at(-2) as Node), startOf(last));
  const end = yaml.afterOwnComments(yaml.endOf(last), Math.max(dash, 1));
  return yaml.linesAfter(end, spaced ? ['', ...lines] : lines);
}

/** A mapping inside a list is written in flow style. */
function flowMatch(route: NewMapping): NewMapping {
  return {
    pairs: route.pairs.map(([key, value]) => [
      key,
      key === 'match' ? { ...asMapping(value), isFlow: true } : value,
    ]),
  };
}

function asMapping(value: NewValue): NewMapping {
  return typeof value !== 'string' && 'pairs' in value ? value : { pairs: [] };
}

function routeOf({ to, path, methods, hosts, name }: CarveChange): NewMapping {
  const match: (readonly [string, NewValue])[] = [];
  if (hosts.length > 0) match.push(['hosts', hosts]);
  match.push([path.kind, path.value]);
  if (methods.length > 0) match.push(['methods', methods]);
  const named: (readonly [string, NewValue])[] = name === null ? [] : [['name', name]];
  return { pairs: [...named, ['match', { pairs: match }], ['to', to]] };
}

function addRouteInFlow(yaml: EditableYaml, entry: Entry | undefined, route: NewMapping): TextEdit {
  const style = flowStyleOf(yaml, yaml.root);
  const value = entry?.value;
  if (isSeq(value) && value.items.length > 0) {
    const end = yaml.endOf(value.items.at(-1) as Node);
    return { start: end, end, text: `, ${inFlow(route, style)}` };
  }
  if (value !== undefined && value !== null)
    return { start: startOf(value), end: yaml.endOf(value), text: inFlow([route], style) };
  return addEntry(yaml, yaml.root, { key: 'routes', value: [route] });
}

function addToFlow(
  yaml: EditableYaml,
  entry: Entry | undefined,
  { key, value, top }: { readonly key: string; readonly value: NewMapping; readonly top: string },
): TextEdit {
  const mapping: NewMapping = { pairs: [[key, value]] };
  if (entry === undefined) return addEntry(yaml, yaml.root, { key: top, value: mapping });
  if (isMapping(entry.value)) return addEntry(yaml, entry.value, { key, value });
  const { value: nothing } = entry;
  if (nothing === null)
    throw new EditRefused(`${top} has no value`, [startOf(entry.key), yaml.endOf(entry.key)]);
  const text = inFlow(mapping, flowStyleOf(yaml, yaml.root));
  return { start: startOf(nothing), end: yaml.endOf(nothing), text };
}

function isEmptyFlow(node: Node | null): boolean {
  return (isMapping(node) || isSeq(node)) && node.items.length === 0;
}

function isSpaced(yaml: EditableYaml, from: number, to: number): boolean {
  return /\n[ \t]*\r?\n/.test(yaml.text.slice(from, to));
}

function lastEntry(yaml: EditableYaml): Entry {
  const last = yaml.root.items.at(-1);
  if (last === undefined) throw new EditRefused('the file is empty');
  return last as Entry;
}
