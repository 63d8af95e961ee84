/**
 * Headers as they came: one flat list, name, value, name, value, … Names keep their case, fields their order and
 * their duplicates; values are latin1 strings, one character a byte. Nothing here joins or splits fields.
 */
export type HeaderList = readonly string[];

/** ASCII case-insensitive equality of a field name with a name already in lower case. */
export function isNamed(name: string, lowerName: string): boolean {
  if (name.length !== lowerName.length) return false;
  // Asked of every field many times a request: most names differ in their length or their first letter.
  const first = lowerName.charCodeAt(0);
  const given = name.charCodeAt(0);
  return (
    (given === first || (given | 0x20) === first) && (name === lowerName || name.toLowerCase() === lowerName)
  );
}

/** The first value of a field, or undefined. `lowerName` is in lower case. */
export function firstValue(headers: HeaderList, lowerName: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (isNamed(headers[i] as string, lowerName)) return headers[i + 1] as string;
  }
  return undefined;
}

/** Every value of a field, in order. `lowerName` is in lower case. */
export function allValues(headers: HeaderList, lowerName: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (isNamed(headers[i] as string, lowerName)) values.push(headers[i + 1] as string);
  }
  return values;
}

const NO_TOKENS: readonly string[] = [];

/**
 * The members of a comma-separated list field (RFC 9110 section 5.6.1) over all its fields, trimmed and in lower
 * case, empty ones left out. Only for lists of tokens, which hold no quoted commas.
 */
export function tokensOf(headers: HeaderList, lowerName: string): readonly string[] {
  if (firstValue(headers, lowerName) === undefined) return NO_TOKENS;
  const tokens: string[] = [];
  for (const value of allValues(headers, lowerName)) {
    for (const part of value.split(',')) {
      const token = part.trim().toLowerCase();
      if (token !== '') tokens.push(token);
    }
  }
  return tokens;
}
