import type { YAMLError } from 'yaml';
import type { Range, SourceText } from './source-text.ts';

/**
 * What YAML's own messages do not say. People fall into the same few holes of YAML when they write paths, hosts and
 * regexes; each has a message here that names the slip and the cure. Everything else keeps the parser's message.
 */

/** A slip: where, and what to do. */
export interface Slip {
  readonly range: Range;
  readonly message: string;
}

/** The messages for what the parser refused: the first of each line, since one slip makes it stumble on. */
export function syntaxSlips(source: SourceText, errors: readonly YAMLError[]): Slip[] {
  const slips: Slip[] = [];
  const lines = new Set<number>();
  for (const error of errors) {
    const line = source.lineAt(error.pos[0]);
    if (lines.has(line) || (slips.length > 0 && isAftermath(source, error))) continue;
    lines.add(line);
    slips.push(syntaxSlip(source, error));
  }
  return slips;
}

function syntaxSlip(source: SourceText, error: YAMLError): Slip {
  const start = afterIndent(source, error.pos[0]);
  const range: Range = [start, Math.max(error.pos[1], start + 1)];
  return { range, message: inFlow(source, range[0]) ?? byCode(source, error) };
}

/** The parser names the beginning of a line that is indented wrongly, people look at its first character. */
function afterIndent(source: SourceText, offset: number): number {
  const line = source.lineAt(offset);
  if (source.lineStart(line) !== offset) return offset;
  return offset + source.lineText(line).search(/[^ ]|$/);
}

/** After a first slip the parser has lost its place: what it then calls unexpected is mostly right. */
function isAftermath(source: SourceText, error: YAMLError): boolean {
  return error.code === 'UNEXPECTED_TOKEN' && inFlow(source, error.pos[0]) === null;
}

/** A `{` or `[` in the middle of an unquoted value is only wrong inside braces or brackets. */
function inFlow(source: SourceText, offset: number): string | null {
  const line = source.lineText(source.lineAt(offset));
  const before = line.slice(0, offset - source.lineStart(source.lineAt(offset)));
  const char = source.text[offset];
  if (char !== '{' && char !== '[') return null;
  if (char === '{' && before.endsWith('$')) {
    return `inside { } and [ ] a value with \${…} must be quoted: "\${NAME}"`;
  }
  const word = /[^\s,:{}[\]"']+$/.exec(before)?.[0];
  if (word === undefined) return null;
  const isRegex = /regex"?\s*:\s*[^,]*$/.test(before);
  if (isRegex) return `inside { } and [ ] a regex with "${char}" must be quoted: regex: "…"`;
  if (char === '{') {
    return `"{" opens a mapping here: a path parameter is written :id, and a value with braces is quoted`;
  }
  return `"[" opens a list here: inside { } and [ ] a value with brackets must be quoted`;
}

function byCode(source: SourceText, error: YAMLError): string {
  switch (error.code) {
    case 'BAD_ALIAS':
      return 'an unquoted * is YAML for an alias: quote it, as in "*.example.com"';
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent YAML: use spaces';
    case 'MULTIPLE_DOCS':
      return 'a second document begins here: the file must be one, without "---" in the middle';
    case 'BLOCK_IN_FLOW':
      return 'a value with ": " in it must be quoted; or a comma is missing before a key';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a value with ": " in it must be quoted, and a nested mapping begins on a line of its own';
    case 'BAD_SCALAR_START':
      return `a value that begins with ${source.text[error.pos[0]]} must be quoted`;
    case 'BAD_INDENT':
    case 'MISSING_CHAR':
      return unclosed(error) ?? plain(error);
    default:
      return plain(error);
  }
}

function unclosed(error: YAMLError): string | null {
  if (/quote/.test(error.message))
    return 'the text ends within a quoted value: a quote above is never closed';
  const flow = /^Flow (map|sequence)/.exec(error.message)?.[1];
  if (flow === undefined) return null;
  const bracket = flow === 'map' ? '{' : '[';
  return `a "${bracket}" before this is not closed (a value with brackets, braces or commas must be quoted)`;
}

function plain(error: YAMLError): string {
  if (/call stack/.test(error.message)) return 'the file is nested too deeply';
  if (/^Implicit (?:map )?keys need/.test(error.message))
    return 'this is no key yet: a key has a colon and a space, or the end of the line, behind it';
  if (/^Missing ,|^Unexpected scalar token$/.test(error.message))
    return 'a comma is missing before this, or a value with spaces or brackets must be quoted';
  if (/block-seq-ind on same line/.test(error.message))
    return 'a list begins below its key, each entry on a line of its own after "- "';
  if (/same column|without - indicator/.test(error.message))
    return 'this line begins at another column than its neighbours: mind the indentation';
  if (/at node end$/.test(error.message))
    return 'the value was complete before this: quote the whole of it, or mind the indentation';
  if (/token in YAML stream/.test(error.message))
    return 'this belongs to nothing above it: mind the indentation, brackets and quotes';
  return error.message.charAt(0).toLowerCase() + error.message.slice(1);
}

/** `[*.x.com]` and `host: *.x.com`: an alias to an anchor that does not exist. */
export function aliasSlip(name: string): string {
  return `*${name} without quotes is a YAML alias, and no anchor has that name: quote it, "*${name}"`;
}

/** A no-break space and its kin, as they come with what is copied from a page. */
const ODD_BLANK = /^(?:[\w-]+:)?([\u00A0\u2000-\u200B\u202F\u3000\uFEFF])/;

/** At the beginning of a key, or behind its colon, what looks like a space and is none. */
export function oddBlankSlip(text: string): string | null {
  const blank = ODD_BLANK.exec(text)?.[1];
  if (blank === undefined) return null;
  const code = blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `what looks like a space here is none for YAML (U+${code}): type it anew`;
}

/** `{prefix:/api}`: without a space after the colon, the whole is one key. */
export function missingSpaceSlip(key: string): string | null {
  const parts = /^([A-Za-z_]+):(\S.*)$/s.exec(key);
  return parts === null
    ? null
    : `"${key}" is one word: write a space after the colon, "${parts[1]}: ${parts[2]}"`;
}

/** Words that were booleans in YAML 1.1 and are text in 1.2. */
export function booleanSlip(text: string): string | null {
  const word = text.toLowerCase();
  if (['on', 'yes', 'y'].includes(word)) return `"${text}" is text in YAML 1.2: write true`;
  if (['off', 'no', 'n'].includes(word)) return `"${text}" is text in YAML 1.2: write false`;
  return null;
}
