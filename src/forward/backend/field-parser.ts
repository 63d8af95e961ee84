/**
 * Reads header fields of an answer (RFC 9112 section 5): CRLF line ends, token names, no folding, no control
 * characters. White space before the colon is removed, as section 5.1 asks of a proxy that reads an answer.
 */

/** Fields that break the grammar. The message says how. */
export class FieldError extends Error {}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * @param text Lines joined by CRLF, without the empty line after them.
 * @returns A flat list; values without white space around them.
 * @throws FieldError
 */
export function parseFields(text: string, maxFields: number): string[] {
  const fields: string[] = [];
  if (text === '') return fields;
  for (const line of text.split('\r\n')) {
    if (fields.length / 2 >= maxFields) throw new FieldError('too many header fields');
    const first = line.charCodeAt(0);
    if (first === 0x20 || first === 0x09) throw new FieldError('a folded header line');
    const colon = line.indexOf(':');
    if (colon <= 0) throw new FieldError('a header line without a name');
    const name = line.slice(0, colon).trimEnd();
    const value = line.slice(colon + 1);
    if (!NAME.test(name)) throw new FieldError('a header name that is no token');
    if (!VALUE.test(value)) throw new FieldError('a control character in a header value');
    fields.push(name, trimBlanks(value));
  }
  return fields;
}

/** Without the spaces and tabs around it: optional white space is these two alone (RFC 9110 section 5.6.3). */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
