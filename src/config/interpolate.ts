/**
 * `${NAME}` in values, as Compose reads it: `${NAME}`, `${NAME:-default}` and `${NAME-default}`, `${NAME:?message}` and
 * `${NAME?message}`, `${NAME:+other}` and `${NAME+other}`, nested in each other; with the colon an empty value counts
 * as unset. `$$` is a dollar, and any other `$` is itself, so that a regex may end in one.
 */
export interface Interpolated {
  readonly text: string;
  /** What is wrong, as a message; null when nothing is. */
  readonly problem: string | null;
}

/** Names that a `${…}` read, with what it found; null for unset. */
export type EnvUsed = Map<string, string | null>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const MAX_DEPTH = 20;

/** Fills in the environment. `used` collects the names that were looked up. */
export function interpolate(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  used: EnvUsed,
): Interpolated {
  if (!text.includes('$')) return { text, problem: null };
  try {
    return { text: expand(text, (name) => lookUp(name, env, used), 0), problem: null };
  } catch (error) {
    if (error instanceof Problem) return { text: '', problem: error.message };
    throw error;
  }
}

class Problem extends Error {}

type LookUp = (name: string) => string | undefined;

function lookUp(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  used: EnvUsed,
): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  used.set(name, value ?? null);
  return value;
}

function expand(text: string, find: LookUp, depth: number): string {
  if (depth > MAX_DEPTH) throw new Problem(`\${…} is nested too deeply`);
  let out = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) break;
    out += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      out += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const end = closingBrace(text, dollar + 2);
      if (end < 0) throw new Problem(`"\${" without its "}" (a dollar before a brace is written $\${)`);
      out += expression(text.slice(dollar + 2, end), find, depth);
      at = end + 1;
    } else {
      out += '$';
      at = dollar + 1;
    }
  }
  return out + text.slice(at);
}

function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '}') open--;
    else if (text[i] === '$' && text[i + 1] === '{') open++;
    if (open === 0) return i;
  }
  return -1;
}

function expression(inside: string, find: LookUp, depth: number): string {
  const name = NAME.exec(inside)?.[0];
  const parts = name === undefined ? null : /^(:?[-?+])([\s\S]*)$/.exec(inside.slice(name.length));
  if (name === undefined || (inside !== name && parts === null)) {
    throw new Problem(`"\${${inside}}" is not of the form \${NAME} or \${NAME:-default}`);
  }
  const value = find(name);
  const operator = parts?.[1] ?? '';
  const isGiven = value !== undefined && !(operator.startsWith(':') && value === '');
  const word = parts?.[2] ?? '';
  if (operator.endsWith('+')) return isGiven ? expand(word, find, depth + 1) : '';
  if (isGiven) return value as string;
  if (operator.endsWith('-')) return expand(word, find, depth + 1);
  if (operator.endsWith('?') && word !== '')
    throw new Problem(`\${${name}}: ${expand(word, find, depth + 1)}`);
  throw new Problem(
    `the environment has no ${name} (set it, or write \${${name}:-…} with what to use without it)`,
  );
}
