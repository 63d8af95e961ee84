/**
 * The fast lane of path reading. Nearly every path is plain: N is the path itself and no backend can read it in any
 * other way, so nothing else has to be computed. One scan over the characters decides it; no regular expression, no
 * allocation.
 */

/** What a character may mean to somebody. */
const PLAIN = 0;
const SLASH = 1;
const DOT = 2;
const SPECIAL = 3;

const CLASS = classTable();

function classTable(): Uint8Array {
  const table = new Uint8Array(256).fill(SPECIAL);
  // RFC 3986 section 3.3: pchar, without the semicolon (parameters) and the percent sign.
  const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,=:@";
  for (const char of plain) table[char.charCodeAt(0)] = PLAIN;
  table[0x2f] = SLASH;
  table[0x2e] = DOT;
  return table;
}

/**
 * True if the path is its own normal form and no other reading of it exists: it begins with a slash, every character
 * is an ordinary one, no segment is empty but the last, and none begins or ends with a dot.
 */
export function isPlainPath(path: string): boolean {
  if (path.charCodeAt(0) !== 0x2f) return false;
  let previous = SLASH;
  for (let i = 1; i < path.length; i += 1) {
    const code = path.charCodeAt(i);
    const kind = code < 256 ? (CLASS[code] as number) : SPECIAL;
    if (kind !== PLAIN) {
      // Two in a row are `//`, `/.`, `./` or `..`; only the last is harmless, but too rare to be worth a lane.
      if (kind === SPECIAL || previous !== PLAIN) return false;
    }
    previous = kind;
  }
  return previous !== DOT;
}
