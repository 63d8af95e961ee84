/**
 * Two documents of JSON, field by field. Order of keys and spelling (`35.0`, `\u00e9`) do not count; order of lists
 * does, unless routes.yaml says otherwise. Entries of lists are paired first (align-lists.ts), so that one entry more
 * is one difference and not a hundred.
 */
import type { Difference, DifferenceKind } from '../model/comparison.ts';
import { type Alignment, alignLists } from './align-lists.ts';
import { DifferenceList } from './difference-list.ts';
import { entriesOf, keyOf, ROOT } from './field-name.ts';
import { JsonEquality } from './json-equality.ts';
import { entriesExcerpt, jsonExcerpt } from './json-excerpt.ts';
import { JsonMarks, type JsonRules } from './json-marks.ts';
import { isObject, type JsonValue, numberOf, typeOf } from './json-value.ts';
import { isSecretField } from './redact.ts';

/** Every difference between two documents; empty: they are equal. @throws TooMuchToCompare */
export function compareJson(legacy: JsonValue, feature: JsonValue, rules: JsonRules): Difference[] {
  const marks = new JsonMarks(rules, [legacy, feature]);
  if (marks.ignoresAll) return [];
  const walk = new JsonWalk(marks);
  walk.compare({ legacy, feature, field: ROOT, tolerance: marks.tolerance, isSecret: marks.redactsAll });
  return walk.differences.all();
}

/** Two values at the same place. */
interface Pair {
  readonly legacy: JsonValue;
  readonly feature: JsonValue;
  readonly field: string;
  readonly tolerance: number;
  readonly isSecret: boolean;
}

class JsonWalk {
  readonly differences = new DifferenceList();
  readonly #marks: JsonMarks;
  readonly #equality: JsonEquality;

  constructor(marks: JsonMarks) {
    this.#marks = marks;
    this.#equality = new JsonEquality(marks);
  }

  compare(pair: Pair): void {
    const { legacy, feature } = pair;
    if (Array.isArray(legacy) && Array.isArray(feature)) this.#lists(legacy, feature, pair);
    else if (isObject(legacy) && isObject(feature)) this.#objects(legacy, feature, pair);
    else if (!this.#equality.areEqual(legacy, feature, pair.tolerance))
      this.#differ(pair, typeOf(legacy) === typeOf(feature) ? 'value' : 'type');
  }

  #objects(legacy: Record<string, JsonValue>, feature: Record<string, JsonValue>, pair: Pair): void {
    const keys = Object.keys(legacy);
    // Keys of what is secret may be secrets.
    const field = (key: string): string =>
      pair.isSecret ? entriesOf(pair.field) : keyOf(pair.field, key, keys.length);
    const holders = [legacy, feature] as const;
    for (const key of keys) {
      if (this.#isIgnored(legacy, feature, key)) continue;
      const own = Object.hasOwn(feature, key) ? feature[key] : undefined;
      this.#field({ legacy: legacy[key], feature: own, key, field: field(key), holders, pair });
    }
    for (const key of Object.keys(feature)) {
      if (Object.hasOwn(legacy, key) || this.#isIgnored(legacy, feature, key)) continue;
      this.#field({ legacy: undefined, feature: feature[key], key, field: field(key), holders, pair });
    }
  }

  /** A field that one of two mappings has, or both. */
  #field({ legacy, feature, key, field, holders, pair }: FieldPair): void {
    const [one, other] = holders;
    const isSecret =
      pair.isSecret ||
      isSecretField(key) ||
      this.#marks.isRedacted(one, key) ||
      this.#marks.isRedacted(other, key);
    if (legacy !== undefined && feature !== undefined) {
      const tolerance = this.#marks.toleranceOf([one, key], [other, key]);
      this.compare({ legacy, feature, field, isSecret, tolerance });
      return;
    }
    const value = legacy ?? feature ?? null;
    if (value === null && this.#marks.nullIsMissing) return;
    const text = jsonExcerpt(value, this.#marks, isSecret);
    const sides = {
      legacy: legacy === undefined ? null : text,
      feature: feature === undefined ? null : text,
    };
    const kind = value === null ? 'null' : legacy === undefined ? 'extra' : 'missing';
    this.differences.add({ field, kind, ...sides, apart: null });
  }

  #lists(legacy: JsonValue[], feature: JsonValue[], pair: Pair): void {
    if (this.#equality.areEqual(legacy, feature, 0)) return;
    const { pairs, onlyLegacy, onlyFeature, isSameOrder, idKey } = this.#aligned(legacy, feature);
    const how = { idKey, marks: this.#marks, isSecret: pair.isSecret };
    if (onlyLegacy.length + onlyFeature.length > 0) {
      const show = (list: JsonValue[], indices: readonly number[]): string | null =>
        indices.length === 0 ? null : `only here: ${entriesExcerpt(list, indices, how)}`;
      this.differences.add({
        field: pair.field,
        kind: 'entries',
        legacy: show(legacy, onlyLegacy),
        feature: show(feature, onlyFeature),
        apart: null,
      });
    }
    if (!isSameOrder && !this.#marks.isUnordered(legacy) && !this.#marks.isUnordered(feature)) {
      const show = (list: JsonValue[]): string => entriesExcerpt(list, [...list.keys()], how);
      this.differences.add({
        field: pair.field,
        kind: 'order',
        legacy: show(legacy),
        feature: show(feature),
        apart: null,
      });
    }
    const field = entriesOf(pair.field);
    for (const [i, j] of pairs) {
      const isSecret =
        pair.isSecret || this.#marks.isRedacted(legacy, i) || this.#marks.isRedacted(feature, j);
      this.compare({
        legacy: legacy[i] as JsonValue,
        feature: feature[j] as JsonValue,
        field,
        tolerance: this.#marks.toleranceOf([legacy, i], [feature, j]),
        isSecret,
      });
    }
  }

  /** Without the entries that are ignored: where one side has fewer of those, nothing is missing. */
  #aligned(legacy: JsonValue[], feature: JsonValue[]): Alignment {
    const [one, other] = [this.#marks.comparedOf(legacy), this.#marks.comparedOf(feature)];
    const legacyAt = (index: number): number => one[index] as number;
    const featureAt = (index: number): number => other[index] as number;
    const areNear = (i: number, j: number): boolean =>
      this.#equality.areEqualAt([legacy, legacyAt(i)], [feature, featureAt(j)]);
    const aligned = alignLists(
      one.map((index) => legacy[index] as JsonValue),
      other.map((index) => feature[index] as JsonValue),
      {
        textOf: (entry) => this.#equality.textOf(entry),
        areNear: this.#marks.hasTolerances ? areNear : null,
        isIgnored: (entry, key) => this.#marks.isIgnored(entry, key),
      },
    );
    return {
      ...aligned,
      pairs: aligned.pairs.map(([i, j]) => [legacyAt(i), featureAt(j)]),
      onlyLegacy: aligned.onlyLegacy.map(legacyAt),
      onlyFeature: aligned.onlyFeature.map(featureAt),
    };
  }

  #differ({ legacy, feature, field, isSecret }: Pair, kind: DifferenceKind): void {
    const one = numberOf(legacy);
    const other = numberOf(feature);
    this.differences.add({
      field,
      kind,
      legacy: jsonExcerpt(legacy, this.#marks, isSecret),
      feature: jsonExcerpt(feature, this.#marks, isSecret),
      // Of two that are too long for a double no distance is known.
      apart: isSecret || one === null || other === null ? null : Math.abs(one - other) || null,
    });
  }

  #isIgnored(legacy: object, feature: object, key: string): boolean {
    return this.#marks.isIgnored(legacy, key) || this.#marks.isIgnored(feature, key);
  }
}

interface FieldPair {
  readonly legacy: JsonValue | undefined;
  readonly feature: JsonValue | undefined;
  readonly key: string;
  readonly field: string;
  readonly holders: readonly [object, object];
  readonly pair: Pair;
}
