/**
 * Two bodies, by what legacy's is: JSON by fields, text by words, anything else by its bytes. Codings are undone first:
 * whether an answer was compressed is no difference.
 */
import { createHash } from 'node:crypto';
import { type Difference, WHOLE_BODY } from '../model/comparison.ts';
import type { HeaderList } from '../model/header-list.ts';
import { compareJson } from './compare-json.ts';
import { compareText, shownStart } from './compare-text.ts';
import { codingsOf, decodeBody } from './decode-body.ts';
import { TooMuchToCompare } from './json-equality.ts';
import { parseJson } from './json-value.ts';
import { bodyKindOf, mediaTypeOf, textOfBody } from './media-type.ts';
import type { ReadyRules } from './ready-rules.ts';
import { MASK } from './redact.ts';

/** A body as it came, with the head that says what it is. */
export interface CodedBody {
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

/** What differs, or why that cannot be said. */
export type BodiesCompared = { readonly differences: readonly Difference[] } | { readonly skipped: string };

const SAME: BodiesCompared = { differences: [] };

/** Compares two bodies. */
export function compareBodies(legacy: CodedBody, feature: CodedBody, rules: ReadyRules): BodiesCompared {
  if (rules.body === 'none' || areSame(legacy, feature)) return SAME;
  const one = decodeBody(legacy.body, legacy.headers);
  const other = decodeBody(feature.body, feature.headers);
  if (one.kind === 'unknown' || other.kind === 'unknown')
    return { skipped: 'a coding that cannot be undone' };
  if (one.kind === 'too_large' || other.kind === 'too_large') return { skipped: 'too large when decoded' };
  if (one.kind === 'broken') return { skipped: "legacy's body cannot be decoded" };
  if (other.kind === 'broken') return differs('type', codingText(legacy.headers), 'a coding that is broken');
  try {
    return compareDecoded(
      { headers: legacy.headers, body: one.bytes },
      { headers: feature.headers, body: other.bytes },
      rules,
    );
  } catch (error) {
    if (error instanceof TooMuchToCompare) return { skipped: error.message };
    throw error;
  }
}

function areSame(legacy: CodedBody, feature: CodedBody): boolean {
  const [one, other] = [legacy, feature].map(({ headers }) => codingsOf(headers).join());
  return one === other && Buffer.compare(legacy.body, feature.body) === 0;
}

function compareDecoded(legacy: CodedBody, feature: CodedBody, rules: ReadyRules): BodiesCompared {
  const type = mediaTypeOf(legacy.headers);
  const kind = rules.body === 'auto' ? (type.type === '' ? 'json' : bodyKindOf(type)) : rules.body;
  if (kind === 'bytes') return compareBytes(legacy.body, feature.body);
  const text = textOfBody(legacy.body, type);
  const own = textOfBody(feature.body, mediaTypeOf(feature.headers));
  const document = kind === 'json' ? parseJson(text) : undefined;
  if (document !== undefined) {
    const ownDocument = parseJson(own);
    if (ownDocument === undefined) return differs('type', 'JSON', noJsonText(own, rules));
    return { differences: compareJson(document, ownDocument, rules.json) };
  }
  // What says nothing of itself, and is no JSON, may be anything.
  if (type.type === '' && rules.body === 'auto') return compareBytes(legacy.body, feature.body);
  const differences = compareText(text, own, rules.text);
  const hidesPaths = rules.json.redact.length > 0 && (kind === 'json' || bodyKindOf(type) === 'json');
  return hidesPaths && differences.length > 0 ? differs('value', MASK, MASK) : { differences };
}

/** In what is no JSON nobody finds what JSONPaths redact. */
function noJsonText(text: string, rules: ReadyRules): string {
  return rules.json.redact.length > 0 ? 'no JSON' : `no JSON: ${shownStart(text, rules.text)}`;
}

function compareBytes(legacy: Uint8Array, feature: Uint8Array): BodiesCompared {
  if (Buffer.compare(legacy, feature) === 0) return SAME;
  return differs('value', bytesText(legacy), bytesText(feature));
}

function bytesText(bytes: Uint8Array): string {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return `${bytes.length} bytes, SHA-256 ${hash}…`;
}

function codingText(headers: HeaderList): string {
  return codingsOf(headers).join(', ') || 'no coding';
}

function differs(kind: 'value' | 'type', legacy: string, feature: string): BodiesCompared {
  return { differences: [{ field: WHOLE_BODY, kind, legacy, feature, apart: null }] };
}
