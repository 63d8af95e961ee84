/**
 * The form in which paths meet routes: of a path that has its structure already (N, or another reading of the path),
 * the `;parameters` of each segment are cut, and each character has one spelling only. What RFC 3986 lets stand in a
 * segment stands as itself, everything else as a triplet with upper-case digits; so `/c%2b%2b`, `/c++` in a request
 * meet `/c++` in the file, and `/caf%c3%a9` meets `/café`. Regular expressions see this form too.
 */

/** What a form does with the case of letters, and with triplets of unreserved characters. */
export interface FormRules {
  readonly caseSensitive: boolean;
  /** Leave `%66` as it is: what a program that decodes nothing would see. */
  readonly keepEncoded?: boolean;
}

const ODD = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,=:@/;]/g;
const ODD_ONE = /[^A-Za-z0-9\-._~!$&'()*+,=:@/]/;
const UNRESERVED = /[A-Za-z0-9\-._~]/;
const PLAIN_SEGMENT = /^[A-Za-z0-9\-._~!$&'()*+,=:@]*$/;
const STANDS = /[!$&'()*+,=:@]/;

/** The form of a path. Also of what a routes file holds, once it is in bytes (see {@link literalForm}). */
export function formOf(path: string, rules: FormRules): string {
  const cut = path.includes(';') ? withoutParameters(path) : path;
  const spelled =
    cut.search(ODD_ONE) === -1
      ? cut
      : cut.replace(ODD, (odd) => (odd.length === 3 ? spelledTriplet(odd, rules) : encoded(odd)));
  return rules.caseSensitive ? spelled : foldCase(spelled);
}

/** The form of one literal segment as written in the file, in Unicode. It has no parameters. */
export function literalForm(segment: string, rules: FormRules): string {
  if (PLAIN_SEGMENT.test(segment)) return rules.caseSensitive ? segment : foldCase(segment);
  const bytes = Buffer.from(segment, 'utf8').toString('latin1').replaceAll(';', '%3B');
  return formOf(bytes, rules);
}

/** Each segment up to its first semicolon (RFC 3986 section 3.3). */
function withoutParameters(path: string): string {
  return path.replace(/;[^/]*/g, '');
}

/** Lower case of the letters A to Z alone: other letters are bytes of something else here. */
export function foldCase(path: string): string {
  return path.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function spelledTriplet(triplet: string, rules: FormRules): string {
  const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
  if (STANDS.test(char) || (UNRESERVED.test(char) && !rules.keepEncoded)) return char;
  return triplet.toUpperCase();
}

/** A percent sign that begins no triplet is one that was decoded: it stands for itself. */
function encoded(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
