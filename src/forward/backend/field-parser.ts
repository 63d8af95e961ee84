import { LINE, TOKEN } from '../../model/byte-classes.ts';

/**
 * Reads header fields of an answer (RFC 9112 section 5): CRLF line ends, token names, no folding, no control
 * characters. White space before the colon is removed, as section 5.1 asks of a proxy that reads an answer. Each
 * character is looked at once: regular expressions and `split` took four times as long.
 */

/** Fields that break the grammar. The message says how. */
export class FieldError extends Error {}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/**
 * @param text Lines joined by CRLF, without the empty line after them; latin1.
 * @param start Where the first line begins.
 * @returns A flat list; values without white space around them.
 * @throws FieldError
 */
export function parseFields(text: string, maxFields: number, start = 0): string[] {
  const fields: string[] = [];
  const end = text.length;
  for (let at = start; at < end; ) {
    if (fields.length >= maxFields * 2) throw new FieldError('too many header fields');
    const nameStart = at;
    while (TOKEN[text.charCodeAt(at)] === 1) at++;
    const nameEnd = at;
    while (isBlank(text.charCodeAt(at))) at++;
    if (nameEnd === nameStart || text.charCodeAt(at) !== COLON) throw nameError(text, nameStart);
    const valueStart = at + 1;
    at = valueStart;
    while (LINE[text.charCodeAt(at)] === 1) at++;
    fields.push(text.slice(nameStart, nameEnd), trimmed(text, valueStart, at));
    if (at === end) break;
    if (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF)
      throw new FieldError('a control character in a header value');
    at += 2;
  }
  return fields;
}

/** Without the spaces and tabs around it: optional white space is these two alone (RFC 9110 section 5.6.3). */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Why the line that begins there has no name. */
export function nameError(text: string, start: number): FieldError {
  if (isBlank(text.charCodeAt(start))) return new FieldError('a folded header line');
  const lineEnd = text.indexOf('\r\n', start);
  const colon = text.indexOf(':', start);
  const hasColon = colon > start && (lineEnd === -1 || colon < lineEnd);
  return new FieldError(hasColon ? 'a header name that is no token' : 'a header line without a name');
}
