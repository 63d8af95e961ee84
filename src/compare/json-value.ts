/**
 * JSON as it is compared. JSON.parse makes doubles of all numbers, so that two ids of 17 digits that differ in the last
 * one would be equal: whole numbers too long for a double are kept as marked strings.
 */

/** A value of JSON. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Deeper documents are compared as text: nothing here may run out of stack. */
export const MAX_DEPTH = 128;

/** No text that begins so comes from JSON in earnest. */
const LONG_NUMBER = '\u0000number ';

const HAS_LONG = /\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_WHOLE = /^-?\d{16,}$/;

/** The value; undefined when the text is no JSON, or too deep. */
export function parseJson(text: string): JsonValue | undefined {
  if (depthOf(text) > MAX_DEPTH) return undefined;
  try {
    return JSON.parse(HAS_LONG.test(text) ? withLongNumbers(text) : text) as JsonValue;
  } catch {
    return undefined;
  }
}

function withLongNumbers(text: string): string {
  // Those that a double spells in the same way stay numbers: they may be written 1e16 on the other side.
  return text.replace(STRING_OR_NUMBER, (token) =>
    LONG_WHOLE.test(token) && String(Number(token)) !== token ? JSON.stringify(LONG_NUMBER + token) : token,
  );
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) isInString = !isInString;
    else if (isInString) i += code === BACKSLASH ? 1 : 0;
    else if (OPENING.has(code)) deepest = Math.max(deepest, ++depth);
    else if (CLOSING.has(code)) depth--;
  }
  return deepest;
}

/** What a value is, in the words of JSON. */
export function typeOf(value: JsonValue): 'null' | 'boolean' | 'number' | 'string' | 'list' | 'object' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return value.startsWith(LONG_NUMBER) ? 'number' : 'string';
  return typeof value as 'boolean' | 'number' | 'object';
}

/** Whether it is a mapping. */
export function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number as its digits where a double would lose some; any other value as it is. */
export function plainValue(value: JsonValue): JsonValue {
  return typeof value === 'string' && value.startsWith(LONG_NUMBER) ? value.slice(LONG_NUMBER.length) : value;
}

/** The number that a value is, or that a text spells (prices are often written so); null for any other. */
export function numberOf(value: JsonValue): number | null {
  if (typeof value === 'number') return value;
  const plain = plainValue(value);
  return typeof plain === 'string' && /^-?\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : null;
}
