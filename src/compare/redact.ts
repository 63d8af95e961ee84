/**
 * What samples may show: short, one line, no control characters, and nothing that looks like a secret or a person's
 * address whatever the field is called. By name a field is judged as parameters of a request are in the access log; what
 * else is personal is named by `redact`.
 */
import { isSecretName, loggableTarget } from '../model/mask-secrets.ts';
import { maskNamed } from './named-secrets.ts';

/** Stands for what is not shown. */
export const MASK = '***';

const LONGEST = 120;
/** Names of fields that hold what belongs to a person. */
const PERSONAL =
  /e-?mail|phone|mobile|iban|\bbic\b|card_?(?:no|num|holder)|\bcvc\b|\bcvv\b|\bssn\b|birth|tax_?id|passport|street|(?:first|last|family|given|sur|full|user)_?name/i;
const ADDRESS = /[^\s"'<>(),;:@=&?/*]{1,64}(?:@|%40)[^\s"'<>(),;:@=&?/]{1,190}\.[a-z]{2,24}/gi;
const JWT = /eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g;
/** Keys and tokens: long and of one piece; but so are paths and names of words, and UUIDs say nothing. */
const LONG_WORD = /[A-Za-z0-9+/_=-]{40,}/g;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const WORD = /^(?:[A-Z]?[a-z]{1,24}\d{0,4}|[A-Z]{1,12}|\d{0,10})$/;
/** Shorter pieces between slashes say too little to be a key. */
const SHORT_PIECE = 16;
const BEARER = /\b(bearer|basic)\s+(?=\S*[\d=])[\w.~+/=-]{6,}/gi;
const CARD = /\b(?:\d[ -]?){13,19}\b/g;
const UNSAFE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Sound like secrets, and are none in a document: who wrote it, the state of an order. */
const HARMLESS = /^(?:authors?|author_?(?:id|name)|state)$/i;

/** Whether a field of this name is not to be shown. */
export function isSecretField(name: string): boolean {
  return !HARMLESS.test(name) && (isSecretName(name) || PERSONAL.test(name));
}

/** A text as a sample shows it. */
export function shownText(text: string): string {
  const cut = text.slice(0, LONGEST * 4);
  const masked = safeText(cut);
  return masked.length > LONGEST || text.length > cut.length ? `${masked.slice(0, LONGEST)}…` : masked;
}

/** A short text on one line, without what is, or looks like, a secret. */
export function safeText(text: string): string {
  return withoutSecrets(text.replace(UNSAFE, ' '));
}

/** Without what is called, or looks like, a secret. */
function withoutSecrets(text: string): string {
  return maskNamed(text, { isSecret: isSecretField, mask: MASK })
    .replace(JWT, MASK)
    .replace(ADDRESS, MASK)
    .replace(BEARER, `$1 ${MASK}`)
    .replace(LONG_WORD, withoutKeys)
    .replace(CARD, (digits) => (isCardNumber(digits.replace(/\D/g, '')) ? MASK : digits));
}

function withoutKeys(long: string): string {
  const pieces = long.split('/');
  return pieces.map((piece) => (piece.length < SHORT_PIECE || isOfWords(piece) ? piece : MASK)).join('/');
}

function isOfWords(piece: string): boolean {
  return UUID.test(piece) || piece.split(/[+_=-]+/).every((part) => WORD.test(part));
}

const LONGEST_TARGET = 300;

/** A path with its query as a sample shows it. */
export function shownTarget(target: string): string {
  const shown = withoutSecrets(loggableTarget(target, isSecretField));
  return shown.length > LONGEST_TARGET ? `${shown.slice(0, LONGEST_TARGET)}…` : shown;
}

/** Luhn's sum, which one number in ten passes by chance. */
function isCardNumber(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return digits.length >= 13 && sum % 10 === 0;
}
