import { formDecoded } from './form-text.ts';

/**
 * Other readings of a path (docs/matching.md): what one or another backend does with it before it looks for its
 * own routes. Each is a pure function from the path, still encoded, to the path as that backend would have it; what
 * all of them do in the end (unreserved triplets, dot segments, slashes) is left to `path-normal.ts`. They are applied
 * in the order of the list, alone and together, since a backend may do several of them.
 */
export interface Reading {
  /** For the log and `explain`. */
  readonly name: string;
  /** False: this reading and the path itself are the same. Cheap, and may be true too often. */
  readonly applies: (path: string) => boolean;
  readonly read: (path: string) => string;
  /** What of the path becomes the beginning of the query, as it then stands there. */
  readonly query?: (path: string) => string;
}

const ENCODED_SLASH = /%2[fF]/g;
const ENCODED_BACKSLASH = /%5[cC]/g;
const ENCODED_SEMICOLON = /%3[bB]/g;
const ENCODED_BREAK = /%0[9aAdD]/g;

/** Readings that give another path of the same kind, of which all else may be read again. */
export const REDECODINGS: readonly Reading[] = [
  { name: 'decoded twice', applies: (path) => path.includes('%25'), read: decodedTwice },
  { name: 'overlong UTF-8 decoded', applies: holdsOverlong, read: overlongDecoded },
];

/** Readings that change where segments begin and end, or what is left of them. */
export const READINGS: readonly Reading[] = [
  {
    // Java servlet containers cut before they decode: in `/a;b%2fc` the parameter goes on to the next raw slash.
    name: ';parameters cut before dot segments are resolved',
    applies: (path) => path.includes(';'),
    read: parametersCut,
  },
  {
    name: '%2F as a separator',
    applies: (path) => path.search(ENCODED_SLASH) !== -1,
    read: (path) => path.replace(ENCODED_SLASH, '/'),
  },
  {
    name: '\\ as a separator',
    applies: (path) => path.includes('\\'),
    read: (path) => path.replaceAll('\\', '/'),
  },
  {
    name: '%5C as a separator',
    applies: (path) => path.search(ENCODED_BACKSLASH) !== -1,
    read: (path) => path.replace(ENCODED_BACKSLASH, '/'),
  },
  {
    name: 'tab, CR and LF removed',
    applies: (path) => path.search(ENCODED_BREAK) !== -1,
    read: (path) => path.replace(ENCODED_BREAK, ''),
  },
  {
    // Python's http.server splits the request line at white space of latin1, Node.js' url.parse (Express) trims it.
    name: 'raw bytes 0x85 and 0xA0 at the end cut',
    applies: (path) => isLatin1Space(path.charCodeAt(path.length - 1)),
    read: latin1SpaceCut,
  },
  {
    // A front controller behind a rewriting server gets the decoded path as a new target.
    name: '%3F as the beginning of the query',
    applies: (path) => path.search(/%3[fF]/) !== -1,
    read: (path) => path.split(/%3[fF]/, 1)[0] as string,
    query: (path) => formDecoded(path.slice(path.search(/%3[fF]/) + 3).replaceAll('+', '%2B')),
  },
  {
    name: '%3B as the beginning of parameters',
    applies: (path) => path.search(ENCODED_SEMICOLON) !== -1,
    read: (path) => path.replace(ENCODED_SEMICOLON, ';'),
  },
  {
    // The other order: `/a;b%2fc` is `/a/c` to who decodes first. Alone it is the same as the first reading.
    name: ';parameters cut after decoding',
    applies: (path) => path.includes(';'),
    read: parametersCut,
  },
  { name: 'trailing dots and spaces of segments cut', applies: holdsTrailing, read: trailingCut },
];

/** A character or triplet that some reading acts on. */
const A_SIGN =
  /[;\\\xc0\xc1\xe0\xf0]|[\x85\xa0]$|%(?:25|2[fF]|5[cC]|3[bBfF]|0[9aAdD]|[cC][01]|[eEfF]0)|(?:\.|%2[eE]|%20)(?:$|[/%])/;

/** False: no reading applies to the path. One look for all of them, since most paths that come here have none. */
export function mayBeReadOtherwise(path: string): boolean {
  return A_SIGN.test(path);
}

function isLatin1Space(code: number): boolean {
  return code === 0x85 || code === 0xa0;
}

function latin1SpaceCut(path: string): string {
  let end = path.length;
  while (isLatin1Space(path.charCodeAt(end - 1))) end -= 1;
  return path.slice(0, end);
}

/** Each segment up to its first semicolon, raw: dot segments that hide behind parameters come to light. */
function parametersCut(path: string): string {
  return path.replace(/;[^/]*/g, '');
}

/**
 * `%25` decoded, so that what it protected is an ordinary triplet, and with it `%uXXXX`. A path that then holds %00
 * ends there, as strings do in C. Other bad triplets that come of it stand for themselves.
 */
export function decodedTwice(path: string): string {
  const once = path.replaceAll('%25', '%').replace(/%[uU]([0-9A-Fa-f]{4})/g, (_, digits: string) => {
    const char = String.fromCharCode(Number.parseInt(digits, 16));
    return [...Buffer.from(char, 'utf8')].map((byte) => triplet(byte)).join('');
  });
  const end = once.indexOf('%00');
  return end === -1 ? once : once.slice(0, end) || '/';
}

const OVERLONG = /%[cC][01]|%[eE]0|%[fF]0|[\xc0\xc1\xe0\xf0]/;

function holdsOverlong(path: string): boolean {
  return OVERLONG.test(path);
}

/** A byte of a path, raw or as a triplet; group 1 is the triplet's digits. */
const CONTINUATION = '(?:%[89aAbB][0-9a-fA-F]|[\\x80-\\xbf])';
/** Lenient decoders take the low bits of whatever follows: `%c0%2f` is a slash to them, too. */
const ANY_BYTE = '(?:%[0-9a-fA-F]{2}|[\\x80-\\xff])';
const OVERLONG_FORMS = new RegExp(
  [
    `(?:%[cC][01]|[\\xc0\\xc1])${ANY_BYTE}`,
    `(?:%[eE]0|\\xe0)(?:%8[01]|[\\x80\\x81])${CONTINUATION}`,
    `(?:%[fF]0|\\xf0)(?:%80|\\x80)(?:%8[01]|[\\x80\\x81])${CONTINUATION}`,
  ].join('|'),
  'g',
);

/** UTF-8 sequences longer than need be (RFC 3629 section 3) as the triplets of the ASCII characters they stand for. */
export function overlongDecoded(path: string): string {
  return path.replace(OVERLONG_FORMS, (sequence) => {
    const bytes = bytesOf(sequence);
    const last = bytes.at(-1) as number;
    const before = bytes.at(-2) as number;
    return triplet(((before & 0x01) << 6) | (last & 0x3f));
  });
}

function bytesOf(sequence: string): number[] {
  const parts = sequence.match(/%..|[^%]/g) ?? [];
  return parts.map((part) => (part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0)));
}

function triplet(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** Where a segment may end for somebody: its separators, its parameters, and more of what may be cut. */
const BEFORE_AN_END = /(?:\.|%2[eE]|%20)(?:$|[/\\;%])/;

function holdsTrailing(path: string): boolean {
  return BEFORE_AN_END.test(path);
}

/** Dots and encoded spaces at the end of each segment cut; what is a dot segment without its spaces stays one. */
export function trailingCut(path: string): string {
  return path
    .split('/')
    .map((segment) => withoutTrailing(segment))
    .join('/');
}

/** Parameters are part of the segment here; who cuts them first has done so by another reading. */
function withoutTrailing(segment: string): string {
  const end = endWithout(segment, true);
  if (end > 0) return segment.slice(0, end);
  const dots = segment.slice(0, endWithout(segment, false)).replace(/%2[eE]/g, '.');
  return dots === '.' || dots === '..' ? dots : '';
}

/** Length of a segment without its trailing spaces, and without its dots if told so. Linear, unlike `[…]+$`. */
function endWithout(name: string, dots: boolean): number {
  let end = name.length;
  for (;;) {
    const code = name.charCodeAt(end - 1);
    if (dots && code === 0x2e) end -= 1;
    else if (end >= 3 && isCut(name.slice(end - 3, end), dots)) end -= 3;
    else return end;
  }
}

function isCut(text: string, dots: boolean): boolean {
  return text === '%20' || (dots && (text === '%2e' || text === '%2E'));
}
