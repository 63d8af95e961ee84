/**
 * Which entries of two lists belong together. An entry that was left out must not make all that follow look different,
 * and two lists in different orders are to be compared entry by entry all the same: entries are paired by a field that
 * tells them apart (an id), or where there is none, equal ones first and the rest in their order.
 */
import { isObject, type JsonValue } from './json-value.ts';

/** Two lists, entry by entry; numbers are indices. */
export interface Alignment {
  readonly pairs: readonly (readonly [legacy: number, feature: number])[];
  readonly onlyLegacy: readonly number[];
  readonly onlyFeature: readonly number[];
  /** Entries that surely belong together stand in the same order on both sides. */
  readonly isSameOrder: boolean;
  /** The field that tells entries apart; null: there is none. */
  readonly idKey: string | null;
}

type List = readonly JsonValue[];

/** When entries are equal. */
export interface EntryRules {
  /** Equal for entries that are equal. */
  readonly textOf: (entry: JsonValue) => string;
  /** By their indices, whether two are equal though their texts are not; null: no two are. */
  readonly areNear: ((legacy: number, feature: number) => boolean) | null;
  /** A field that is not compared tells no entries apart. */
  readonly isIgnored: (entry: object, key: string) => boolean;
}

/** Pairs entries. */
export function alignLists(legacy: List, feature: List, rules: EntryRules): Alignment {
  const idKey = idKeyOf(legacy, feature, rules);
  if (idKey !== null) {
    const idOf = (entry: JsonValue): string => idText((entry as Record<string, JsonValue>)[idKey]) ?? '';
    const byId = paired(legacy.map(idOf), feature.map(idOf));
    return { ...byId, isSameOrder: isInOrder(byId.pairs), idKey };
  }
  const { textOf, areNear } = rules;
  const sure = withNear(paired(legacy.map(textOf), feature.map(textOf)), areNear);
  const rest = Math.min(sure.onlyLegacy.length, sure.onlyFeature.length);
  const guessed = Array.from(
    { length: rest },
    (_, i) => [sure.onlyLegacy[i] as number, sure.onlyFeature[i] as number] as const,
  );
  return {
    pairs: [...sure.pairs, ...guessed],
    onlyLegacy: sure.onlyLegacy.slice(rest),
    onlyFeature: sure.onlyFeature.slice(rest),
    isSameOrder: isInOrder(sure.pairs),
    idKey: null,
  };
}

type Paired = Pick<Alignment, 'pairs' | 'onlyLegacy' | 'onlyFeature'>;

function paired(legacy: readonly string[], feature: readonly string[]): Paired {
  const waiting = new Map<string, number[]>();
  feature.forEach((text, index) => {
    const same = waiting.get(text);
    if (same === undefined) waiting.set(text, [index]);
    else same.push(index);
  });
  // The first of equal ones is taken first, from the end of a turned list.
  for (const same of waiting.values()) same.reverse();
  const pairs: [number, number][] = [];
  const onlyLegacy: number[] = [];
  legacy.forEach((text, index) => {
    const partner = waiting.get(text)?.pop();
    if (partner === undefined) onlyLegacy.push(index);
    else pairs.push([index, partner]);
  });
  const onlyFeature = [...waiting.values()].flat().sort((a, b) => a - b);
  return { pairs, onlyLegacy, onlyFeature };
}

/** Pairs that are tried, each entry with each. */
const MOST_TRIED = 2_500;

/** With those that a tolerance makes equal, the first that fits each. */
function withNear(sure: Paired, areNear: EntryRules['areNear']): Paired {
  const { onlyLegacy, onlyFeature } = sure;
  if (areNear === null || onlyLegacy.length * onlyFeature.length > MOST_TRIED) return sure;
  const left = new Set(onlyFeature);
  const near: [number, number][] = [];
  for (const index of onlyLegacy) {
    const partner = [...left].find((other) => areNear(index, other));
    if (partner === undefined) continue;
    left.delete(partner);
    near.push([index, partner]);
  }
  const found = new Set(near.map(([index]) => index));
  return {
    pairs: [...sure.pairs, ...near].sort(([one], [other]) => one - other),
    onlyLegacy: onlyLegacy.filter((index) => !found.has(index)),
    onlyFeature: [...left],
  };
}

function isInOrder(pairs: Paired['pairs']): boolean {
  return pairs.every(([, partner], i) => i === 0 || partner > (pairs[i - 1]?.[1] ?? -1));
}

/** What people call a field that tells entries apart, the likeliest first. */
const ID_NAMES = ['id', 'uuid', 'key', 'sku', 'code', 'slug', 'number', 'no', 'name', 'title'];
/** Of so many fields it is looked. */
const FIELDS = 40;

/** A field that every entry of both lists has, with a value of its own in each, and that most of them share. */
function idKeyOf(legacy: List, feature: List, { isIgnored }: EntryRules): string | null {
  const first = legacy[0];
  if (first === undefined || !isObject(first) || !feature.every(isObject) || !legacy.every(isObject))
    return null;
  let best: { key: string; shared: number } | null = null;
  for (const key of byLikelihood(Object.keys(first).slice(0, FIELDS))) {
    const shared = isIgnored(first, key) ? 0 : sharedIds(legacy, feature, key);
    if (shared * 2 >= Math.min(legacy.length, feature.length) && shared > (best?.shared ?? 0))
      best = { key, shared };
  }
  return best?.key ?? null;
}

function byLikelihood(keys: readonly string[]): string[] {
  const rank = (key: string): number => {
    const place = ID_NAMES.indexOf(key.toLowerCase());
    if (place >= 0) return place;
    return /(?:id|Id|ID|_key|_no)$/.test(key) ? ID_NAMES.length : ID_NAMES.length + 1;
  };
  return keys.toSorted((a, b) => rank(a) - rank(b));
}

/** How many ids both lists have; 0 if the field does not tell entries apart. */
function sharedIds(legacy: List, feature: List, key: string): number {
  const ids = distinctIds(legacy, key);
  const others = ids === null ? null : distinctIds(feature, key);
  if (ids === null || others === null) return 0;
  let shared = 0;
  for (const id of ids) if (others.has(id)) shared++;
  return shared;
}

function distinctIds(list: List, key: string): ReadonlySet<string> | null {
  const ids = new Set<string>();
  for (const entry of list) {
    const object = entry as Record<string, JsonValue>;
    const id = Object.hasOwn(object, key) ? idText(object[key]) : null;
    if (id === null || ids.has(id)) return null;
    ids.add(id);
  }
  return ids;
}

function idText(value: JsonValue | undefined): string | null {
  return typeof value === 'string' || typeof value === 'number' ? `${typeof value} ${value}` : null;
}
