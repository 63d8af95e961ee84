import { normalPathOf } from '../model/path-normal.ts';

/**
 * The form that a path in routes.yaml must have: the one that requests are brought to before they are matched (docs/matching.md). Anything else could never match, so it is refused with the form that was meant.
 */

/** How requests' paths are read. */
export interface PathReading {
  readonly mergeSlashes: boolean;
}

/** Why a path can't be matched as written, with the cure; null if it can. */
export function pathProblem(path: string, reading: PathReading): string | null {
  return shapeProblem(path) ?? parameterProblem(path) ?? formProblem(path, reading);
}

function shapeProblem(path: string): string | null {
  if (path === '') return 'a path is not empty: the root is "/"';
  if (/[{}]/.test(path)) return `"${path}": a parameter is written :id, not {id}`;
  if (!path.startsWith('/')) return `"${path}" must start with "/"`;
  const character = /[?#;*\\\s\x00-\x1F\x7F]/.exec(path)?.[0];
  if (character !== undefined) return `"${path}": ${characterProblem(character)}`;
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) {
    return `"${path}": a "%" must be followed by two hex digits (a percent sign itself is %25)`;
  }
  return /%00/.test(path) ? `"${path}": %00 is refused in every request` : null;
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
      return 'a "\\" is no separator (itself it is written %5C)';
    case ' ':
      return 'a space is written %20';
    default:
      return 'it holds a control character';
  }
}

/** A segment that begins with a colon is a parameter as a whole; `/v1/x:cancel` is not. */
function parameterProblem(path: string): string | null {
  const isBad = (segment: string): boolean =>
    segment.startsWith(':') && !/^:[A-Za-z_][A-Za-z0-9_]*$/.test(segment);
  const bad = path.split('/').find(isBad);
  return bad === undefined
    ? null
    : `"${path}": "${bad}" is not a parameter, which is a whole segment such as :id`;
}

function formProblem(path: string, reading: PathReading): string | null {
  const normal = normalPathOf(path, reading.mergeSlashes);
  if (normal === path) return null;
  return `"${path}" never matches, since paths are brought to their normal form first: write "${normal}"`;
}
