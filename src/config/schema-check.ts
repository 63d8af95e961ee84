import type { z } from 'zod';
import type { DidYouMean } from './did-you-mean.ts';
import { misplacedKey } from './misplaced-keys.ts';
import type { RoutesFile } from './schema/routes-file-schema.ts';
import { routesFileSchema } from './schema/routes-file-schema.ts';
import { booleanSlip, missingSpaceSlip } from './yaml-slips.ts';

/**
 * Holds plain values against the schema, and goes on past what is wrong: a value that does not fit is reported, taken
 * out, and the rest is read again, so that the rules can speak about everything else in the same run.
 */

/** Keys and list positions from the root. */
export type Path = readonly (string | number)[];

/** What does not fit: `at` says whether the key or its value is meant. */
export interface Misfit {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
}

/** The values that fit; `file` is null only if the whole is not a mapping. */
export interface SchemaCheck {
  readonly file: RoutesFile | null;
  readonly misfits: readonly Misfit[];
}

/** How often what is wrong is taken out and the rest read again: unions and missing keys may need a few. */
const MAX_PASSES = 12;

/** Checks `root`. Misfits are cut out of a copy, since their places are looked up in the original. */
export function checkSchema(root: unknown, didYouMean: DidYouMean): SchemaCheck {
  const misfits: Misfit[] = [];
  const cuts = new Set<string>();
  let values = root;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const result = routesFileSchema.safeParse(values, { error: (issue) => messageOf(issue, didYouMean) });
    if (result.success) return { file: result.data, misfits };
    const found = result.error.issues.flatMap((issue) => misfitsOf(issue, []));
    // What was cut out and turns out to be required was told already.
    for (const misfit of found) if (!cuts.has(JSON.stringify(misfit.path))) misfits.push(misfit);
    for (const misfit of found) cuts.add(JSON.stringify(misfit.path));
    if (pass === 0) values = structuredClone(root);
    if (!found.map((misfit) => cut(values, misfit)).every(Boolean)) break;
  }
  return { file: null, misfits };
}

type Issue = z.core.$ZodIssue;

function misfitsOf(issue: Issue, base: Path): Misfit[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, i) => ({ path: [...path, key], at: 'key', message: messages[i] ?? '' }));
  }
  if (issue.code === 'invalid_union') {
    const branch = nearestBranch(issue.errors);
    if (branch !== null) return branch.flatMap((inner) => misfitsOf(inner, path));
  }
  return [{ path, at: 'value', message: named(path, issue.message) }];
}

/** The alternative whose kind of value it is: what is wrong lies inside it. */
function nearestBranch(branches: readonly Issue[][]): Issue[] | null {
  const inside = branches.filter((issues) => !issues.some(isOtherKind));
  return inside.sort((a, b) => a.length - b.length)[0] ?? null;
}

function isOtherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';
}

/** `must be …` begins with what must be so. */
function named(path: Path, message: string): string {
  const last = path.at(-1);
  if (last === undefined || !/^(?:must|can|is|needs) /.test(message)) return message;
  if (typeof last === 'string') return `"${last}" ${message}`;
  return `an entry of "${String(path.at(-2) ?? '')}" ${message}`;
}

type RawIssue = z.core.$ZodRawIssue;

function messageOf(issue: RawIssue, didYouMean: DidYouMean): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, knownKeys(issue), didYouMean)).join('\n');
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : wrongKind(issue.expected, issue.input);
    case 'invalid_value':
      return wrongWord(issue.values, issue.input, didYouMean);
    case 'too_small':
      return issue.origin === 'array' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return 'does not fit';
  }
}

function knownKeys(issue: RawIssue): string[] {
  const definition = issue.inst?._zod.def as { shape?: object } | undefined;
  return Object.keys(definition?.shape ?? {});
}

function unknownKey(key: string, known: readonly string[], didYouMean: DidYouMean): string {
  const elsewhere = misplacedKey(key, known);
  if (elsewhere !== null) return elsewhere;
  const hint = didYouMean.hint(key, known);
  if (hint !== '') return `unknown key "${key}"${hint}`;
  return missingSpaceSlip(key) ?? `unknown key "${key}": known here are ${known.join(', ')}`;
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function wrongKind(expected: string, input: unknown): string {
  const wanted = KINDS[expected] ?? expected;
  const slip = slipOf(expected, input);
  return `must be ${wanted}, not ${kindOf(input)}${slip === null ? '' : `: ${slip}`}`;
}

function slipOf(expected: string, input: unknown): string | null {
  if (expected === 'boolean' && typeof input === 'string') return booleanSlip(input);
  if (expected === 'string' && isScalar(input)) return `quote it: "${String(input)}"`;
  if (expected === 'array' && isScalar(input)) return 'write one entry a line, each after "- "';
  if ((expected === 'object' || expected === 'record') && typeof input === 'string')
    return missingSpaceSlip(input);
  if (expected === 'string' && isBraced(input)) return 'braces are YAML here, quote the value';
  return null;
}

function isScalar(input: unknown): boolean {
  return typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean';
}

/** `{id}` alone is a mapping with an empty value. */
function isBraced(input: unknown): boolean {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  return Object.values(input).every((value) => value === null);
}

function kindOf(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  if (typeof input === 'string') return input === '' ? 'an empty text' : `the text "${shortened(input)}"`;
  return typeof input === 'boolean' ? String(input) : `the number ${String(input)}`;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

function wrongWord(values: readonly unknown[], input: unknown, didYouMean: DidYouMean): string {
  if (input === undefined) return 'is required';
  const words = values.map(String);
  const list = words.length === 1 ? words[0] : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return `must be ${list}${typeof input === 'string' ? didYouMean.hint(input, words) : ''}`;
}

/** Takes a misfit out of the values; false if that can't be done, the root itself being wrong. */
function cut(root: unknown, misfit: Misfit): boolean {
  const path = misfit.path;
  if (path.length === 0) return false;
  const parent = path.slice(0, -1).reduce<unknown>((value, key) => child(value, key), root);
  const key = path.at(-1) as string | number;
  if (typeof parent !== 'object' || parent === null) return true;
  if (Array.isArray(parent)) {
    (parent as unknown[])[key as number] = harmlessEntry(path);
    return true;
  }
  const object = parent as Record<string, unknown>;
  if (path.length === 1 && key === 'legacy') object[key] = PLACEHOLDER_URL;
  else if (Object.hasOwn(object, key)) delete object[key];
  else return cut(root, { ...misfit, path: path.slice(0, -1) });
  return true;
}

function child(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Stands for a backend whose own is wrong, so that the rest can be read. */
export const PLACEHOLDER_URL = 'http://legacy';

/** Lists keep their positions: what stands in for a wrong entry fits its list and says nothing. */
function harmlessEntry(path: Path): unknown {
  const list = path.at(-2);
  if (list === 'routes' || list === 'any') return {};
  return HARMLESS[String(list)] ?? 'x';
}

const HARMLESS: Record<string, unknown> = {
  methods: 'GET',
  repeatable: 'GET',
  writes: 'POST',
  when: 'connect',
  by: 'cookie',
  stages: 'shadow',
  urls: PLACEHOLDER_URL,
  trust_proxies: '127.0.0.1',
};
