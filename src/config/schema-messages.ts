import type { z } from 'zod';
import type { DidYouMean } from './did-you-mean.ts';
import { misplacedKey } from './misplaced-keys.ts';
import { booleanSlip, missingSpaceSlip, oddBlankSlip } from './yaml-slips.ts';

type RawIssue = z.core.$ZodRawIssue;

/**
 * What is wrong with a value that does not fit, or with a key that is not known; one line a key. Messages that begin
 * with a verb ("must be …") get the name of their key later.
 */
export function schemaMessage(issue: RawIssue, didYouMean: DidYouMean): string {
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
    return oddBlankSlip(input) ?? missingSpaceSlip(input);
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

/** The message for what may be one of several kinds of values; `on` and `off` are told where true and false are among them. */
export function mustBe(kinds: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => {
    const slip = typeof input === 'string' ? booleanSlip(input) : null;
    const cure = slip !== null && kinds.includes(slip.endsWith('true') ? 'true' : 'false') ? `: ${slip}` : '';
    return `must be ${kinds}, not ${kindOf(input)}${cure}`;
  };
}

/** What was found in place of what is wanted, in words. */
export function kindOf(input: unknown): string {
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
