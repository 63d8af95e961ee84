import {
  type Alias,
  isAlias,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { type EnvUsed, interpolate } from './interpolate.ts';
import { plainScalar } from './plain-scalar.ts';
import type { Range, SourceText } from './source-text.ts';
import { type Zone, zoneBelow } from './text-zones.ts';
import { aliasSlip, missingSpaceSlip, oddBlankSlip, type Slip } from './yaml-slips.ts';
import type { Place, Places, YamlTree } from './yaml-tree.ts';

/** What aliases and merges may unfold to, in values: generous for people, far below what hurts. */
export const MAX_UNFOLDED = 100_000;

/** Builds the plain values of one document, and notes where they stand. */
export class TreeBuilder {
  readonly #source: SourceText;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #used: EnvUsed;
  readonly #places: Places = new Map();
  readonly #incomplete = new Set<object>();
  readonly #slips: Slip[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #built = new Map<Node, Map<Zone, unknown>>();
  readonly #building = new Set<Node>();
  readonly #sizes = new Map<object, number>();
  #unfolded = 0;

  constructor(source: SourceText, env: Readonly<Record<string, string | undefined>>, used: EnvUsed) {
    this.#source = source;
    this.#env = env;
    this.#used = used;
  }

  build(contents: Node | null): YamlTree {
    const root = contents === null ? undefined : this.#value(contents, 'root');
    return { root, places: this.#places, incomplete: this.#incomplete, slips: this.#slips, isBroken: false };
  }

  #slip(range: Range, message: string): void {
    this.#slips.push({ range, message });
  }

  #value(node: Node | null, zone: Zone): unknown {
    if (node === null) return null;
    if (isAlias(node)) return this.#alias(node, zone);
    this.#refuseTag(node);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const value = this.#unaliased(node, zone);
    if (node.anchor !== undefined) this.#remember(node, zone, value);
    return value;
  }

  #unaliased(node: Node, zone: Zone): unknown {
    this.#building.add(node);
    try {
      if (isScalar(node)) return this.#scalar(node, zone);
      if (isSeq(node)) return this.#list(node, zone);
      return this.#mapping(node as YAMLMap, zone);
    } finally {
      this.#building.delete(node);
    }
  }

  #remember(node: Node, zone: Zone, value: unknown): void {
    const zones = this.#built.get(node) ?? new Map<Zone, unknown>();
    this.#built.set(node, zones.set(zone, value));
  }

  #alias(alias: Alias, zone: Zone): unknown {
    const node = this.#anchors.get(alias.source);
    if (node === undefined) return this.#refuse(alias, aliasSlip(alias.source));
    if (this.#building.has(node)) return this.#refuse(alias, `*${alias.source} contains itself`);
    const built = this.#built.get(node);
    if (!built?.has(zone)) this.#remember(node, zone, this.#unaliased(node, zone));
    const value = this.#built.get(node)?.get(zone);
    return this.#mayUnfold(value, alias) ? value : null;
  }

  #mayUnfold(value: unknown, at: Node): boolean {
    const before = this.#unfolded;
    this.#unfolded += this.#sizeOf(value);
    if (this.#unfolded <= MAX_UNFOLDED) return true;
    if (before <= MAX_UNFOLDED) {
      this.#refuse(at, `aliases unfold to more than ${MAX_UNFOLDED} values from here on`);
    }
    return false;
  }

  #sizeOf(value: unknown): number {
    return typeof value === 'object' && value !== null ? (this.#sizes.get(value) ?? 1) : 1;
  }

  #refuse(node: Node, message: string): null {
    this.#slip(rangeOf(node), message);
    return null;
  }

  #refuseTag(node: Node): void {
    if (node.tag === undefined || /^tag:yaml.org,2002:(?:str|map|seq)$/.test(node.tag)) return;
    this.#refuse(node, `the tag ${node.tag} is not supported`);
  }

  #scalar(node: Scalar, zone: Zone): unknown {
    const range = rangeOf(node);
    const written = String(node.value);
    const { text, problem } = interpolate(written, this.#env, this.#used);
    if (problem !== null) this.#slip(range, problem);
    const isText = node.type !== 'PLAIN' || node.tag !== undefined;
    if (isText || problem !== null) return text;
    if (zone !== 'text') return plainScalar(text);
    return written === '' ? null : text;
  }

  #list(node: YAMLSeq, zone: Zone): unknown[] {
    const values: unknown[] = [];
    const places = new Map<string, Place>();
    for (const item of node.items as Node[]) {
      const range = rangeOf(item);
      places.set(String(values.length), { key: range, value: range });
      values.push(this.#value(item, zone));
    }
    return this.#finish(values, values, places);
  }

  #mapping(node: YAMLMap, zone: Zone): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    const places = new Map<string, Place>();
    const merges: Node[] = [];
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = this.#key(pair, places);
      if (key === null) {
        this.#incomplete.add(values);
        continue;
      }
      if (key === '<<' && (pair.key as Scalar).type === 'PLAIN') {
        if (pair.value !== null) merges.push(pair.value);
        continue;
      }
      const keyRange = rangeOf(pair.key);
      const valueRange = pair.value === null || isEmpty(pair.value) ? keyRange : rangeOf(pair.value);
      places.set(key, { key: keyRange, value: valueRange });
      values[key] = this.#value(pair.value, zoneBelow(zone, key));
    }
    for (const merge of merges) this.#merge(merge, zone, values, places);
    return this.#finish(values, Object.values(values), places);
  }

  /** The key as text; null if it was refused. */
  #key(pair: Pair<Node, Node | null>, places: Map<string, Place>): string | null {
    const node = pair.key;
    if (!isScalar(node)) return this.#refuse(node, 'a key must be a word');
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const key = String(node.value);
    const slip = oddBlankSlip(key) ?? (pair.value === null ? missingSpaceSlip(key) : null);
    if (slip !== null) return this.#refuse(node, slip);
    if (key === '__proto__') return this.#refuse(node, '"__proto__" cannot be a name');
    const first = places.get(key);
    if (first === undefined) return key;
    const line = this.#source.lineAt(first.key[0]);
    return this.#refuse(node, `"${key}" is given twice (the first is on line ${line})`);
  }

  /** `<<: *base`: keys of another mapping, where this one has none of that name (YAML 1.1's merge type). */
  #merge(node: Node, zone: Zone, values: Record<string, unknown>, places: Map<string, Place>): void {
    const merged = isSeq(node)
      ? (node.items as Node[]).map((item) => this.#value(item, zone))
      : [this.#value(node, zone)];
    for (const from of merged) {
      if (from === null) continue;
      if (typeof from !== 'object' || Array.isArray(from)) {
        this.#refuse(node, '"<<" takes a mapping: <<: *name');
        continue;
      }
      for (const [key, value] of Object.entries(from)) {
        if (Object.hasOwn(values, key)) continue;
        values[key] = value;
        places.set(key, this.#places.get(from)?.get(key) as Place);
      }
    }
  }

  #finish<T extends object>(container: T, entries: readonly unknown[], places: Map<string, Place>): T {
    let size = 1;
    for (const entry of entries) size += this.#sizeOf(entry);
    this.#sizes.set(container, size);
    this.#places.set(container, places);
    return container;
  }
}

function rangeOf(node: Node): Range {
  return node.range ? [node.range[0], node.range[1]] : [0, 1];
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.value === '';
}
