/**
 * The form that a path in routes.yaml must have: the one that requests are brought to before they are matched (design:
 * one path). Anything else could never match, so it is refused with the form that was meant.
 */

export interface PathReading {
  readonly mergeSlashes: boolean;
}

/** Why a path can't be matched as written, with the cure; null if it can. */
export function pathProblem(path: string, reading: PathReading): string | null {
  if (path === '') return 'is empty: the root is "/"';
  if (/[{}]/.test(path)) return `"${path}": a parameter is written :id, not {id}`;
  if (!path.startsWith('/')) return `"${path}" must start with "/"`;
  const character = /[?#;*\s\\]/.exec(path)?.[0];
  if (character !== undefined) return `"${path}": ${characterProblem(character)}`;
  if (/%(?![0-9A-Fa-f]{2})/.test(path))
    return `"${path}": a "%" must be followed by two hex digits (a percent sign is %25)`;
  if (/%00/.test(path)) return `"${path}": %00 is refused in every request`;
  const parameter = path
    .split('/')
    .find((segment) => segment.startsWith(':') && !/^:[A-Za-z_][A-Za-z0-9_]*$/.test(segment));
  if (parameter !== undefined)
    return `"${path}": "${parameter}" is not a parameter, which is a whole segment such as :id`;
  const normal = normalForm(path, reading);
  return normal === path
    ? null
    : `"${path}" never matches, since paths are brought to their normal form first: write "${normal}"`;
}

function characterProblem(character: string): string {
  switch (character) {
    case '?':
      return 'a path ends before the "?": conditions on the query go under "query"';
    case '#':
      return 'no request has a "#" in its path';
    case ';':
      return 'what follows a ";" in a segment is cut before matching';
    case '*':
      return 'a "*" is no wildcard here: "prefix" takes everything below it, :id one segment';
    case '\\':
      return 'a "\\" is no separator';
    default:
      return 'white space is written %20';
  }
}

/** Unreserved triplets decoded (RFC 3986 section 6.2.2.2), other characters encoded, dot segments resolved, slashes merged. */
export function normalForm(path: string, reading: PathReading): string {
  const decoded = path
    .replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
      const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(character) ? character : triplet;
    })
    .replace(/[^\x21-\x7E]+/g, (characters) => encoded(characters));
  const merged = reading.mergeSlashes ? decoded.replace(/\/{2,}/g, '/') : decoded;
  return withoutDots(merged);
}

/** RFC 3986 section 5.2.4. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, i) => {
    const isLast = i === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (isLast) kept.push('');
  });
  return `/${kept.join('/')}`;
}

/** Percent-encoded UTF-8; half a surrogate pair, which has none, as the replacement character. */
function encoded(characters: string): string {
  return [...Buffer.from(characters, 'utf8')]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
