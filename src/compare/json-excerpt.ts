/** Values of JSON as samples show them: short, and without what is redacted, however deep it lies. */
import type { JsonMarks } from './json-marks.ts';
import { isObject, type JsonValue, plainValue, typeOf } from './json-value.ts';
import { isSecretField, MASK, shownText } from './redact.ts';

const ENTRIES = 5;
const FIELDS = 8;
const DEEP = 3;

/** `isSecret`: it lies in what is redacted. */
export function jsonExcerpt(value: JsonValue, marks: JsonMarks, isSecret: boolean): string {
  if (isSecret) return MASK;
  return shownText(textOf(value, marks, 0));
}

/** Some of a list, by a field if that tells them apart. */
export function entriesExcerpt(
  list: readonly JsonValue[],
  indices: readonly number[],
  { idKey, marks, isSecret }: { idKey: string | null; marks: JsonMarks; isSecret: boolean },
): string {
  const shown = indices.slice(0, ENTRIES).map((index) => {
    const entry = list[index] as JsonValue;
    if (isSecret || marks.isRedacted(list, index)) return MASK;
    if (idKey === null || !isObject(entry)) return textOf(entry, marks, 1);
    return isSecretField(idKey) || marks.isRedacted(entry, idKey)
      ? MASK
      : textOf(entry[idKey] ?? null, marks, 1);
  });
  const more = indices.length > shown.length ? ', …' : '';
  const what = idKey === null ? '' : `${idKey}: `;
  return shownText(`${what}${shown.join(', ')}${more}`);
}

function textOf(value: JsonValue, marks: JsonMarks, depth: number): string {
  if (Array.isArray(value)) {
    if (depth >= DEEP) return value.length === 0 ? '[]' : '[…]';
    const shown = value
      .slice(0, ENTRIES)
      .map((entry, i) => (marks.isRedacted(value, i) ? MASK : textOf(entry, marks, depth + 1)));
    return `[${shown.join(', ')}${value.length > ENTRIES ? ', …' : ''}]`;
  }
  if (isObject(value)) return objectText(value, marks, depth);
  return scalarText(value);
}

function scalarText(value: JsonValue): string {
  return typeOf(value) === 'string' ? JSON.stringify(value) : String(plainValue(value));
}

function objectText(value: { [key: string]: JsonValue }, marks: JsonMarks, depth: number): string {
  const keys = Object.keys(value);
  if (depth >= DEEP) return keys.length === 0 ? '{}' : '{…}';
  const shown = keys.slice(0, FIELDS).map((key) => {
    const isHidden = isSecretField(key) || marks.isRedacted(value, key);
    return `${JSON.stringify(key)}: ${isHidden ? MASK : textOf(value[key] as JsonValue, marks, depth + 1)}`;
  });
  return `{${shown.join(', ')}${keys.length > FIELDS ? ', …' : ''}}`;
}
