/**
 * The line before a chunk: `size *( ";" name [ "=" value ] )` (RFC 9112 section 7.1). Extensions are read to be sure
 * that they are some, then ignored: no backend ever sees them, since chunks are framed anew.
 */

/** A longer line is an attack on whoever parses it; without its CRLF. */
export const MAX_CHUNK_LINE = 256;

/** Hexadecimal digits, leading zeros included: enough for 2⁵³ − 1 and two more. */
const MAX_DIGITS = 16;

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** quoted-string of RFC 9110 section 5.6.4. */
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const EXTENSIONS = new RegExp(`^(?:[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|${QUOTED}))?)*$`);

/** The size that a chunk's line tells, or -1 if it is malformed. `text` is latin1, without CRLF. */
export function readChunkLine(text: string): number {
  let digits = 0;
  let size = 0;
  while (digits < text.length) {
    const value = hexValue(text.charCodeAt(digits));
    if (value === -1) break;
    size = size * 16 + value;
    digits++;
  }
  if (digits === 0 || digits > MAX_DIGITS || !Number.isSafeInteger(size)) return -1;
  return digits === text.length || EXTENSIONS.test(text.slice(digits)) ? size : -1;
}

/** The size that a line of one digit tells, the cheap way: who sends tiny chunks sends many. -1: it is no such line. */
export function readOneDigit(bytes: Buffer, at: number): number {
  return bytes[at + 1] === 13 && bytes[at + 2] === 10 ? hexValue(bytes[at] as number) : -1;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
