/**
 * What every match of a regular expression begins with, as far as it can be read off its source: the literal
 * characters after `^`. It gives the expression its precedence, its place in the index, and a cheap test that spares
 * most requests the expression itself. Where the source is beyond this reader the head is shorter, never wrong.
 */
export interface LiteralHead {
  /** '' if the expression is not anchored, or begins with something that is not literal. */
  readonly head: string;
  /** The expression is its head and `$`: nothing may follow. */
  readonly ends: boolean;
}

const NONE: LiteralHead = { head: '', ends: false };
const META = new Set('.*+?()[]{}|^$\\');
/** These make the character before them optional, or repeat it. */
const QUANTIFIER = new Set('*+?{');

/** Reads the literal head off a source in RE2 syntax. */
export function literalHeadOf(source: string): LiteralHead {
  // `^a|b` begins with anything; \Q…\E hides its contents from this reader.
  if (!source.startsWith('^') || source.includes('\\Q') || hasOuterAlternation(source)) return NONE;
  let head = '';
  let at = 1;
  while (at < source.length) {
    const literal = literalAt(source, at);
    if (literal === null) break;
    if (QUANTIFIER.has(source[at + literal.length] ?? '')) break;
    head += literal.char;
    at += literal.length;
  }
  return { head, ends: source.slice(at) === '$' };
}

function literalAt(source: string, at: number): { char: string; length: number } | null {
  const char = source[at] as string;
  if (char === '\\') {
    const escaped = source[at + 1] ?? '';
    // An escaped letter or digit is a class or an anchor; escaped punctuation is itself.
    return /^[!-/:-@[-`{-~]$/.test(escaped) ? { char: escaped, length: 2 } : null;
  }
  return META.has(char) ? null : { char, length: 1 };
}

function hasOuterAlternation(source: string): boolean {
  let depth = 0;
  for (let i = 0; i < source.length; i += 1) {
    const char = source[i];
    if (char === '\\') i += 1;
    else if (char === '[') i = endOfClass(source, i);
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === '|' && depth === 0) return true;
  }
  return false;
}

/** Index of the bracket that closes the class opened at `open`. A bracket that comes first is a member. */
function endOfClass(source: string, open: number): number {
  let i = open + 1;
  if (source[i] === '^') i += 1;
  if (source[i] === ']') i += 1;
  for (; i < source.length && source[i] !== ']'; i += 1) {
    if (source[i] === '\\') i += 1;
    else if (source.startsWith('[:', i)) {
      const end = source.indexOf(':]', i);
      if (end !== -1) i = end + 1;
    }
  }
  return i;
}
