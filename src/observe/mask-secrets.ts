import { formDecoded } from '../model/form-text.ts';

/**
 * What a client sends and a log shows: secrets in the query (and in path parameters, `;jsessionid=`) are masked,
 * nothing can break the line or the terminal that shows it, and no value is longer than it is useful. Each step is
 * linear in a length that is cut first, so that no request makes its own log line expensive.
 */

const MASK = '***';
const LONGEST = 2048;

/** Secret wherever they stand in a name. */
const PARTS = 'token|passw|secret|auth|session|sessid|signature|credential|jwt|bearer|cookie|assertion|saml';
/** Secret as a word of a name: `code`, `reset_code`, `resetCode`, but not `barcode`; anything that ends in `key`. */
const WORDS = 'key|pwd|pass|sig|code|sid|otp|pin|hmac|nonce|ticket|state';
const SECRET_PART = new RegExp(PARTS, 'i');
const SECRET_WORD = new RegExp(`(?:^|[^a-z0-9])(?:${WORDS})(?:$|[^a-z0-9])|key$`, 'i');
const HUMP = /([a-z0-9])([A-Z])/g;

/** Whether a parameter of this name, percent-encoded or not, is likely to hold a secret. */
export function isSecretName(name: string): boolean {
  const plain = formDecoded(name);
  return SECRET_PART.test(plain) || SECRET_WORD.test(plain.replace(HUMP, '$1_$2'));
}

/** A request-target as a log may show it: secrets masked, safe characters only, at most 2 KiB of it. */
export function loggableTarget(target: string): string {
  const cut = target.slice(0, LONGEST);
  const questionMark = cut.indexOf('?');
  const path = questionMark < 0 ? cut : cut.slice(0, questionMark);
  const query = questionMark < 0 ? '' : `?${maskQuery(cut.slice(questionMark + 1))}`;
  return printable(maskPath(path) + query) + ellipsis(target);
}

/** Any other text of a client (user agent, method) as a log may show it, at most `longest` characters of it. */
export function loggableText(text: string, longest: number): string {
  return printable(text.slice(0, longest)) + (text.length > longest ? '...' : '');
}

function ellipsis(target: string): string {
  return target.length > LONGEST ? '...' : '';
}

const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i;
const PATH_PARAMETER = /;([^=;/]*)=([^;/]+)/g;

function maskPath(path: string): string {
  const withoutUser = path.replace(USER_INFO, `$1${MASK}@`);
  if (!withoutUser.includes(';')) return withoutUser;
  return withoutUser.replace(PATH_PARAMETER, (whole, name: string) =>
    isSecretName(name) ? `;${name}=${MASK}` : whole,
  );
}

function maskQuery(query: string): string {
  if (!query.includes('=')) return query;
  return query.split('&').map(maskParameter).join('&');
}

/** `;` and `?` too may begin a name, for backends that read them so; a secret's mask goes to the next `&`. */
const NAME = /(?:^|[;?])([^=;?]*)=/g;

function maskParameter(parameter: string): string {
  for (const found of parameter.matchAll(NAME)) {
    const valueAt = found.index + found[0].length;
    if (valueAt < parameter.length && isSecretName(found[1] as string)) {
      return parameter.slice(0, valueAt) + MASK;
    }
  }
  return parameter;
}

const UNSAFE = /[^\x20-\x7e]/;

/** Bytes outside visible ASCII become `\xHH`: no line breaks, no escape sequences, no text that runs backwards. */
function printable(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(/[^\x20-\x7e]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
