import { formDecoded } from './form-text.ts';

/**
 * What a client sends and a log shows: secrets in the query (and in path parameters, `;jsessionid=`) are masked,
 * nothing can break the line or the terminal that shows it, and no value is longer than it is useful. Each step is
 * linear in a length that is cut first, so that no request makes its own log line expensive.
 */

const MASK = '***';
const LONGEST = 2048;
const QUOTE = 0x22;
const AMPERSAND = 0x26;
const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUESTION_MARK = 0x3f;
const BACKSLASH = 0x5c;

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

/**
 * Whether a request-target is shown as it came, and needs no escape in JSON: it holds nothing unsafe and no secret, as
 * most don't. One look at each character, since it is asked of every request. Of what may be a secret it says false.
 */
export function isShownAsItCame(target: string, isSecret: IsSecret): boolean {
  if (target.length > LONGEST || target.charCodeAt(0) !== SLASH) return false;
  let isQuery = false;
  let nameAt = 0;
  for (let i = 1; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code > 0x3f ? code > 0x7e || code === BACKSLASH : code < 0x21 || code === QUOTE || code === SEMICOLON)
      return false;
    if (code === QUESTION_MARK || (code === AMPERSAND && isQuery)) {
      isQuery = true;
      nameAt = i + 1;
    } else if (code === EQUALS && nameAt > 0) {
      if (isSecret(target.slice(nameAt, i))) return false;
      nameAt = 0;
    }
  }
  return true;
}

/** Longer names are not remembered: V8 would keep the whole head of the request for them. */
const LONGEST_REMEMBERED = 12;
const REMEMBERED = 1_000;

/** {@link isSecretName} with a memory: clients send few different names, again and again. */
export function rememberSecretNames(): typeof isSecretName {
  const known = new Map<string, boolean>();
  return (name) => {
    if (name.length > LONGEST_REMEMBERED) return isSecretName(name);
    const before = known.get(name);
    if (before !== undefined) return before;
    const isSecret = isSecretName(name);
    if (known.size < REMEMBERED) known.set(name, isSecret);
    return isSecret;
  };
}

/**
 * A request-target as a log may show it: secrets masked, safe characters only, at most 2 KiB of it. `isSecret` judges
 * names.
 */
export function loggableTarget(target: string, isSecret = isSecretName): string {
  const cut = target.slice(0, LONGEST);
  const questionMark = cut.indexOf('?');
  const path = questionMark < 0 ? cut : cut.slice(0, questionMark);
  const query = questionMark < 0 ? '' : `?${maskQuery(cut.slice(questionMark + 1), isSecret)}`;
  return printable(maskPath(path, isSecret) + query) + ellipsis(target);
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

type IsSecret = typeof isSecretName;

function maskPath(path: string, isSecret: IsSecret): string {
  const withoutUser = path.startsWith('/') ? path : path.replace(USER_INFO, `$1${MASK}@`);
  if (!withoutUser.includes(';')) return withoutUser;
  return withoutUser.replace(PATH_PARAMETER, (whole, name: string) =>
    isSecret(name) ? `;${name}=${MASK}` : whole,
  );
}

function maskQuery(query: string, isSecret: IsSecret): string {
  if (!query.includes('=')) return query;
  let masked = '';
  let from = 0;
  while (from < query.length) {
    const ampersand = query.indexOf('&', from);
    const end = ampersand < 0 ? query.length : ampersand;
    const valueAt = secretValueAt(query, { from, end }, isSecret);
    masked +=
      valueAt < 0
        ? query.slice(from, end + 1)
        : `${query.slice(from, valueAt)}${MASK}${query.slice(end, end + 1)}`;
    from = end + 1;
  }
  return masked;
}

/**
 * Where the first secret value of a parameter begins, -1 for none. `;` and `?` too may begin a name, for backends that
 * read them so; a secret's mask goes to the next `&`.
 */
function secretValueAt(
  query: string,
  { from, end }: { from: number; end: number },
  isSecret: IsSecret,
): number {
  let nameAt = from;
  // An empty value needs no mask, and a name that ends at the last character has none.
  for (let i = from; i < end - 1; i++) {
    const code = query.charCodeAt(i);
    if (code === SEMICOLON || code === QUESTION_MARK) {
      nameAt = i + 1;
    } else if (code === EQUALS && nameAt >= 0) {
      if (isSecret(query.slice(nameAt, i))) return i + 1;
      nameAt = -1;
    }
  }
  return -1;
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
