/**
 * Secrets in the midst of a text, known by the names before them: in a URL (`?token=…`), in a form, in a head
 * (`Authorization: Bearer …`), in JSON that is shown as a text (`"password": "…"`), in a tag (`name="csrf" value="…"`).
 * For short texts: it looks into values, and into what those hold.
 */

/** A name, what stands between, a value: masked, quoted, quoted in a quoted text, a mapping or list to its end, a word. */
const NAMED =
  /([\w.%[\]-]{1,64})(\\*["']?\s*[:=]\s*)(\*{3}|"(?:[^"\\]|\\.)*"?|\\+"(?:[^"\\]|\\[^"])*\\*"?|'[^']*'?|[[{][\s\S]*|(?:(?:basic|bearer|digest)\s+)?[^\s"'&;,<>]+)/gi;
const USER_INFO = /\/\/[^\s/@"'<>]+@/g;
const TAG = /<[a-z][^<>]*/gi;
/** What a tag's value is called. */
const CALLED = /\b(?:name|id|type|property|itemprop|autocomplete)\s*=\s*["']?([^"'<>]+)/gi;
const SAYS = /(\b(?:value|content)\s*=\s*)("[^"]+"?|'[^']+'?|[^\s"'<>]+)/gi;

/** How secrets are known, and what is shown in their place. */
export interface SecretNames {
  readonly isSecret: (name: string) => boolean;
  readonly mask: string;
}

/** The text with secret values masked. */
export function maskNamed(text: string, { isSecret, mask }: SecretNames): string {
  const inValues = (part: string): string =>
    part.replace(
      NAMED,
      (_, name: string, between: string, value: string) =>
        `${name}${between}${isSecret(name) ? mask : inValues(value)}`,
    );
  const inTags = text.replace(TAG, (tag) => {
    const names = [...tag.matchAll(CALLED)].map(([, name]) => name ?? '');
    return names.some(isSecret) ? tag.replace(SAYS, `$1${mask}`) : tag;
  });
  return inValues(inTags.replace(USER_INFO, `//${mask}@`));
}
