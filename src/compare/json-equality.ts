/**
 * Whether two values of JSON are equal by what routes.yaml says of their places: without what is ignored, within
 * tolerances, and lists in any order where that is said. It finds no differences, so it is quick to say no.
 */
import type { JsonMarks } from './json-marks.ts';
import { isObject, type JsonValue, numberOf, typeOf } from './json-value.ts';

/** Values looked at; past them a comparison would hold up all others. */
const MOST_STEPS = 5_000_000;

/** Two documents have too much in them to be compared. */
export class TooMuchToCompare extends Error {}

/** A value by what holds it. */
export type At<Holder, Key> = readonly [holder: Holder, key: Key];

/** Equality under the marks of one comparison. All of it throws {@link TooMuchToCompare}. */
export class JsonEquality {
  readonly #marks: JsonMarks;
  readonly #texts = new Map<JsonValue[], string>();
  #steps = 0;

  constructor(marks: JsonMarks) {
    this.#marks = marks;
  }

  /** `tolerance`: of the two, if they are numbers. True for no two that differ. */
  areEqual(legacy: JsonValue, feature: JsonValue, tolerance: number): boolean {
    this.#step();
    if (legacy === feature) return true;
    if (Array.isArray(legacy)) return Array.isArray(feature) && this.#areEqualLists(legacy, feature);
    if (isObject(legacy)) return isObject(feature) && this.#areEqualObjects(legacy, feature);
    return areNear(legacy, feature, tolerance);
  }

  /** Two entries of lists. */
  areEqualAt([legacy, i]: At<JsonValue[], number>, [feature, j]: At<JsonValue[], number>): boolean {
    const tolerance = this.#marks.toleranceOf([legacy, i], [feature, j]);
    return this.areEqual(legacy[i] as JsonValue, feature[j] as JsonValue, tolerance);
  }

  /** The same for values that are equal, but for tolerances: whatever the order of their keys. */
  textOf(value: JsonValue): string {
    this.#step();
    if (Array.isArray(value)) {
      const texts = this.#marks.comparedOf(value).map((index) => this.textOf(value[index] as JsonValue));
      return `[${(this.#marks.isUnordered(value) ? texts.sort() : texts).join(',')}]`;
    }
    if (!isObject(value)) return JSON.stringify(value);
    const keys = Object.keys(value).filter(
      (key) => !this.#marks.isIgnored(value, key) && !this.#isNothing(value[key]),
    );
    const fields = keys.sort().map((key) => `${JSON.stringify(key)}:${this.textOf(value[key] as JsonValue)}`);
    return `{${fields.join(',')}}`;
  }

  #areEqualLists(legacy: JsonValue[], feature: JsonValue[]): boolean {
    if (this.#marks.isUnordered(legacy)) return this.#knownTextOf(legacy) === this.#knownTextOf(feature);
    const [one, other] = [this.#marks.comparedOf(legacy), this.#marks.comparedOf(feature)];
    return (
      one.length === other.length &&
      one.every((index, i) => this.areEqualAt([legacy, index], [feature, other[i] as number]))
    );
  }

  #areEqualObjects(legacy: Record<string, JsonValue>, feature: Record<string, JsonValue>): boolean {
    const isIgnored = (key: string): boolean =>
      this.#marks.isIgnored(legacy, key) || this.#marks.isIgnored(feature, key);
    for (const key of Object.keys(feature))
      if (!Object.hasOwn(legacy, key) && !this.#isNothing(feature[key]) && !isIgnored(key)) return false;
    return Object.keys(legacy).every((key) => {
      if (isIgnored(key)) return true;
      const one = legacy[key] as JsonValue;
      if (!Object.hasOwn(feature, key)) return this.#isNothing(one);
      const tolerance = this.#marks.toleranceOf([legacy, key], [feature, key]);
      return this.areEqual(one, feature[key] as JsonValue, tolerance);
    });
  }

  /** One list is held against many others. */
  #knownTextOf(list: JsonValue[]): string {
    const text = this.#texts.get(list) ?? this.textOf(list);
    this.#texts.set(list, text);
    return text;
  }

  /** Null where that is the same as nothing. */
  #isNothing(value: JsonValue | undefined): boolean {
    return value === null && this.#marks.nullIsMissing;
  }

  #step(): void {
    if (++this.#steps > MOST_STEPS) throw new TooMuchToCompare('too much to compare');
  }
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
