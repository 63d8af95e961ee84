import { RE2JS } from 're2js';

/** Why a regex can't be used; null if it can. RE2 syntax: linear time, so without what needs backtracking. */
export function regexProblem(source: string): string | null {
  const lacks = /\(\?(?:[=!]|<[=!])/.test(source)
    ? 'lookahead and lookbehind'
    : /\\[1-9]|\\k</.test(source)
      ? 'backreferences'
      : /\(\?>|[*+?}]\+/.test(source)
        ? 'atomic groups and possessive quantifiers'
        : null;
  try {
    RE2JS.compile(source);
    return null;
  } catch (error) {
    if (lacks !== null) return `RE2 has no ${lacks}, since it takes linear time: ${hintFor(lacks)}`;
    return `"${source}" is not a regex in RE2 syntax: ${(error as Error).message.replace(/^error parsing regexp: /, '')}`;
  }
}

function hintFor(lacks: string): string {
  return lacks.startsWith('look')
    ? 'put the exception into a route of its own, which ranks higher'
    : 'write it without them';
}
