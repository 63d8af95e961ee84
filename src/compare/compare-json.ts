/**
 * Two documents of JSON, field by field. Order of keys and spelling (`35.0`, `\u00e9`) do not count; order of lists
 * does, unless routes.yaml says otherwise. Entries of lists are paired first (align-lists.ts), so that one entry more
 * is one difference and not a hundred.
 */
import type { Difference, DifferenceKind } from '../model/comparison.ts';
import { alignLists } from './align-lists.ts';
import { DifferenceList } from './difference-list.ts';
import { entriesOf, keyOf, ROOT } from './field-name.ts';
import { entriesExcerpt, jsonExcerpt } from './json-excerpt.ts';
import { JsonMarks, type JsonRules } from './json-marks.ts';
import { isObject, type JsonValue, numberOf, typeOf } from './json-value.ts';
import { isSecretField } from './redact.ts';

/** Values looked at; past them a comparison would hold up all others. @throws {@link TooMuchToCompare} */
const MOST_STEPS = 5_000_000;

/** Two documents have too much in them to be compared. */
export class TooMuchToCompare extends Error {}

/** Every difference between two documents; empty: they are equal. @throws {@link TooMuchToCompare} */
export function compareJson(legacy: JsonValue, feature: JsonValue, rules: JsonRules): Difference[] {
  const marks = new JsonMarks(rules, [legacy, feature]);
  if (marks.ignoresAll) return [];
  const walk = new JsonWalk(marks);
  walk.compare({ legacy, feature, field: ROOT, tolerance: 0, isSecret: marks.redactsAll });
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
  #steps = 0;

  constructor(marks: JsonMarks) {
    this.#marks = marks;
  }

  compare(pair: Pair): void {
    const { legacy, feature } = pair;
    if (Array.isArray(legacy) && Array.isArray(feature)) this.#lists(legacy, feature, pair);
    else if (isObject(legacy) && isObject(feature)) this.#objects(legacy, feature, pair);
    else if (!this.#areEqual(legacy, feature, pair.tolerance))
      this.#differ(pair, typeOf(legacy) === typeOf(feature) ? 'value' : 'type');
  }

  #objects(legacy: Record<string, JsonValue>, feature: Record<string, JsonValue>, pair: Pair): void {
    const keys = Object.keys(legacy);
    const field = (key: string): string => keyOf(pair.field, key, keys.length);
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
      this.compare({ legacy, feature, field, isSecret, tolerance: this.#tolerance(one, other, key) });
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
    if (this.#areEqual(legacy, feature, 0)) return;
    const { pairs, onlyLegacy, onlyFeature, isSameOrder, idKey } = alignLists(legacy, feature, (entry) =>
      this.#textOf(entry),
    );
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
      if (this.#marks.isIgnored(legacy, i) || this.#marks.isIgnored(feature, j)) continue;
      const isSecret =
        pair.isSecret || this.#marks.isRedacted(legacy, i) || this.#marks.isRedacted(feature, j);
      const tolerance = Math.max(this.#marks.toleranceAt(legacy, i), this.#marks.toleranceAt(feature, j));
      this.compare({
        legacy: legacy[i] as JsonValue,
        feature: feature[j] as JsonValue,
        field,
        tolerance,
        isSecret,
      });
    }
  }

  #differ({ legacy, feature, field, isSecret }: Pair, kind: DifferenceKind): void {
    const one = numberOf(legacy);
    const other = numberOf(feature);
    this.differences.add({
      field,
      kind,
      legacy: jsonExcerpt(legacy, this.#marks, isSecret),
      feature: jsonExcerpt(feature, this.#marks, isSecret),
      apart: isSecret || one === null || other === null ? null : Math.abs(one - other),
    });
  }

  #areEqual(legacy: JsonValue, feature: JsonValue, tolerance: number): boolean {
    if (++this.#steps > MOST_STEPS) throw new TooMuchToCompare('too much to compare');
    if (legacy === feature) return true;
    if (Array.isArray(legacy)) return Array.isArray(feature) && this.#areEqualLists(legacy, feature);
    if (isObject(legacy)) return isObject(feature) && this.#areEqualObjects(legacy, feature);
    return areNear(legacy, feature, tolerance);
  }

  #areEqualLists(legacy: JsonValue[], feature: JsonValue[]): boolean {
    if (legacy.length !== feature.length || this.#marks.isUnordered(legacy)) return false;
    return legacy.every(
      (entry, i) =>
        this.#marks.isIgnored(legacy, i) ||
        this.#marks.isIgnored(feature, i) ||
        this.#areEqual(entry, feature[i] as JsonValue, this.#tolerance(legacy, feature, i)),
    );
  }

  #areEqualObjects(legacy: Record<string, JsonValue>, feature: Record<string, JsonValue>): boolean {
    for (const key of Object.keys(feature))
      if (!Object.hasOwn(legacy, key) && !this.#isIgnored(legacy, feature, key)) return false;
    return Object.keys(legacy).every(
      (key) =>
        this.#isIgnored(legacy, feature, key) ||
        (Object.hasOwn(feature, key) &&
          this.#areEqual(
            legacy[key] as JsonValue,
            feature[key] as JsonValue,
            this.#tolerance(legacy, feature, key),
          )),
    );
  }

  #isIgnored(legacy: object, feature: object, key: string | number): boolean {
    return this.#marks.isIgnored(legacy, key) || this.#marks.isIgnored(feature, key);
  }

  #tolerance(legacy: object, feature: object, key: string | number): number {
    return Math.max(this.#marks.toleranceAt(legacy, key), this.#marks.toleranceAt(feature, key));
  }

  /** The same for entries of lists that are equal, whatever the order of their keys. */
  #textOf(value: JsonValue): string {
    if (++this.#steps > MOST_STEPS) throw new TooMuchToCompare('too much to compare');
    if (Array.isArray(value)) {
      const entries = value.filter((_, i) => !this.#marks.isIgnored(value, i));
      const texts = entries.map((entry) => this.#textOf(entry));
      return `[${(this.#marks.isUnordered(value) ? texts.sort() : texts).join(',')}]`;
    }
    if (!isObject(value)) return JSON.stringify(value);
    const keys = Object.keys(value).filter((key) => !this.#marks.isIgnored(value, key));
    const fields = keys
      .sort()
      .map((key) => `${JSON.stringify(key)}:${this.#textOf(value[key] as JsonValue)}`);
    return `{${fields.join(',')}}`;
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

/** Numbers that are no further apart, texts that spell such numbers too. */
function areNear(legacy: JsonValue, feature: JsonValue, tolerance: number): boolean {
  const one = numberOf(legacy);
  const other = numberOf(feature);
  if (one === null || other === null) return false;
  if (typeOf(legacy) !== typeOf(feature)) return false;
  if (tolerance === 0) return typeof legacy === 'number' && typeof feature === 'number' && one === other;
  // 1.11 - 1.1 is a little more than 0.01 in binary.
  const slack = Number.EPSILON * 4 * Math.max(Math.abs(one), Math.abs(other), tolerance);
  return Math.abs(one - other) <= tolerance + slack;
}
