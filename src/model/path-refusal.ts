/**
 * What is refused outright (RFC 3986 section 2, RFC 9112 section 3.2): bytes that no client may send in a target, and
 * triplets that no two programs read alike. Everything else passes as it came, however odd.
 */

const NOT_IN_A_PATH = /[\x00-\x20\x7f#?\u0100-\uffff]/;
const NOT_IN_A_QUERY = /[\x00-\x20\x7f#\u0100-\uffff]/;
const BAD_TRIPLET = /%(?![0-9A-Fa-f]{2})/;

/** Why a path may go nowhere, in words for the log; null if nothing is wrong with it. */
export function refusalOfPath(path: string): string | null {
  if (path.charCodeAt(0) !== 0x2f) return 'the path does not begin with a slash';
  const raw = NOT_IN_A_PATH.exec(path);
  if (raw) return `the path holds ${nameOf(raw[0])}`;
  if (BAD_TRIPLET.test(path)) return 'the path holds a percent sign without two hexadecimal digits';
  if (path.includes('%00')) return 'the path holds %00';
  return null;
}

/** Why a query may go nowhere, in words for the log; null if nothing is wrong with it. Bad triplets pass. */
export function refusalOfQuery(query: string): string | null {
  if (isOrdinary(query)) return null;
  const raw = NOT_IN_A_QUERY.exec(query);
  return raw ? `the query holds ${nameOf(raw[0])}` : null;
}

/** Letters, digits and the rest between `$` and `~`: a loop over these is cheaper than the expression. */
function isOrdinary(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x24 || code > 0x7e) return false;
  }
  return true;
}

function nameOf(char: string): string {
  const code = char.charCodeAt(0);
  if (char === '#' || char === '?') return `a raw ${char}`;
  if (char === ' ') return 'a raw space';
  return code > 0xff ? 'a character that is not a byte' : `a raw control character (${code})`;
}
