/**
 * Two texts, pages most of all: white space counts once, or not at all around tags; patterns that routes.yaml ignores
 * are taken out; what is left is compared piece by piece (words and tags). A place that differs is named by what stands
 * before it, since a page has no fields: so a token of a form, new in every page, is one field, and can be learnt as
 * noise like one of JSON.
 */
import { diffArrays } from 'diff';
import type { RE2JS } from 're2js';
import { type Difference, WHOLE_TEXT } from '../model/comparison.ts';
import { DifferenceList } from './difference-list.ts';
import { isSecretField, MASK, safeText, shownText } from './redact.ts';

/** Texts that differ in more pieces have little in common: they differ as a whole. */
const MOST_EDITS = 400;
const MOST_PLACES = 20;
const LONGEST_DIFF_MS = 1_000;
/** Characters of the name of a place, and of what it is taken from. */
const LONGEST_NAME = 60;
const LONGEST_BEFORE = 600;

/** What routes.yaml says of texts. */
export interface TextRules {
  /** Taken out before texts are compared. */
  readonly ignore: readonly RE2JS[];
  /** Compared, and never shown. */
  readonly redact: readonly RE2JS[];
}

/** Every place that differs; empty: they are equal. */
export function compareText(legacy: string, feature: string, rules: TextRules): Difference[] {
  const one = prepared(legacy, rules);
  const other = prepared(feature, rules);
  if (one === other) return [];
  const pieces = piecesOf(one);
  const others = piecesOf(other);
  const changes = diffArrays(pieces, others, {
    maxEditLength: MOST_EDITS,
    timeout: LONGEST_DIFF_MS,
    ...(rules.redact.length > 0 && { comparator: areSameWords }),
  });
  if (changes === undefined) return [whole(pieces, others)];
  const places = placesOf(changes);
  if (places.length > MOST_PLACES) return [whole(pieces, others)];
  const list = new DifferenceList();
  for (const place of places) list.add(differenceAt(place));
  return list.all();
}

/** Stand around each word that is redacted: characters for private use, which texts have no use for. */
const HIDDEN = /\uE000[^\uE000\uE001]*\uE001?/g;
const MARKS = /[\uE000\uE001]/g;

function prepared(text: string, { ignore, redact }: TextRules): string {
  const left = ignore.reduce((before, pattern) => pattern.matcher(before).replaceAll(''), text);
  if (redact.length === 0) return left;
  return redact.reduce(
    (before, pattern) =>
      pattern
        .matcher(before)
        .replaceAll((found: string) => found.replace(MARKS, '').replace(WORD, '\uE000$&\uE001')),
    left.replace(MARKS, ''),
  );
}

const WORD = /[^\s<>]+/g;

/** That one is redacted on one side alone, by what stands around it, is no difference. */
function areSameWords(one: string, other: string): boolean {
  return one === other || one.replace(MARKS, '') === other.replace(MARKS, '');
}

/** The start of a text that is not compared, as it may be shown. */
export function shownStart(text: string, { redact }: TextRules): string {
  return shown(prepared(text.slice(0, LONGEST_START), { ignore: [], redact }));
}

const LONGEST_START = 2_000;

/** As it may be shown. */
function shown(text: string): string {
  return shownText(text.replace(HIDDEN, MASK));
}

/** Tags, and words between them; white space inside a tag counts once. */
function piecesOf(text: string): string[] {
  const found = text.match(/<[^<>]*>|[^\s<]+|</g) ?? [];
  return found.map((piece) => (piece.startsWith('<') ? piece.replace(/\s+/g, ' ') : piece));
}

interface TextPlace {
  readonly before: string;
  readonly legacy: string;
  readonly feature: string;
}

function placesOf(changes: ReturnType<typeof diffArrays<string>>): TextPlace[] {
  const places: TextPlace[] = [];
  let before = '';
  let gone: string | null = null;
  const end = (added: string): void => {
    if (gone !== null || added !== '') places.push({ before, legacy: gone ?? '', feature: added });
    gone = null;
  };
  for (const { added, removed, value } of changes) {
    if (removed) gone = value.join(' ');
    else if (added) end(value.join(' '));
    else {
      end('');
      before = value.slice(-3).join(' ');
    }
  }
  end('');
  return places;
}

function differenceAt({ before, legacy, feature }: TextPlace): Difference {
  const shared = sharedStart(legacy, feature);
  const name = nameOf(`${before} ${legacy.slice(0, shared)}`);
  const field = name === '' ? WHOLE_TEXT : `text near "${name}"`;
  const isSecret = isSecretField(name);
  const show = (text: string): string | null => {
    if (text === '') return null;
    return isSecret ? MASK : shown(text);
  };
  const kind = legacy === '' ? 'extra' : feature === '' ? 'missing' : 'value';
  return { field, kind, legacy: show(legacy), feature: show(feature), apart: null };
}

/** Up to the last break between words. */
function sharedStart(one: string, other: string): number {
  let i = 0;
  while (i < one.length && one[i] === other[i]) i++;
  while (i > 0 && /[\p{L}\p{N}.,:_-]/u.test(one[i - 1] as string)) i--;
  return i;
}

/** The end of what stands before, numbers left out: it is to be the same in every page. */
function nameOf(before: string): string {
  const end = before.replace(HIDDEN, MASK).slice(-LONGEST_BEFORE);
  // Secrets first: without its digits none looks like one.
  const plain = safeText(end).replace(/\d+/g, '#').trim();
  if (plain.length <= LONGEST_NAME) return plain;
  // Not from the middle of a word.
  return plain
    .slice(-LONGEST_NAME)
    .replace(/^\S*\s(?=.*\S)/, '')
    .trim();
}

function whole(legacy: readonly string[], feature: readonly string[]): Difference {
  let from = 0;
  while (from < legacy.length && legacy[from] === feature[from]) from++;
  const show = (pieces: readonly string[]): string => shown(pieces.slice(from, from + 12).join(' '));
  return { field: WHOLE_TEXT, kind: 'value', legacy: show(legacy), feature: show(feature), apart: null };
}
