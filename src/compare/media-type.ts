/** Content-Type, read for comparing (RFC 9110 section 8.3). */
import { firstValue, type HeaderList } from '../model/header-list.ts';

/** Type and subtype in lower case, '' for none; the charset in lower case, '' for none. */
export interface MediaType {
  readonly type: string;
  readonly charset: string;
}

/** What an answer says that its body is. */
export function mediaTypeOf(headers: HeaderList): MediaType {
  const value = firstValue(headers, 'content-type') ?? '';
  const [type = '', ...parameters] = value.split(';');
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s;]+)"?\s*$/i.exec(parameter)?.[1])
    .find((found) => found !== undefined);
  return { type: type.trim().toLowerCase(), charset: charset?.toLowerCase() ?? '' };
}

/** The same for spellings of one value: `text/html;charset=UTF-8`, `Text/HTML; charset="utf-8"`. */
export function normalMediaType(value: string): string {
  const parts = value.toLowerCase().split(';');
  const [type = '', ...parameters] = parts.map((part) =>
    part
      .trim()
      .replace(/\s*=\s*/, '=')
      .replaceAll('"', ''),
  );
  return [type, ...parameters.filter((parameter) => parameter !== '').sort()].join('; ');
}

const TEXTS =
  /^text\/|^application\/(?:xml|xhtml\+xml|javascript|ecmascript|x-javascript|x-www-form-urlencoded|graphql|sql|x-yaml|yaml)$|\+xml$|\+yaml$/;
const JSONS = /^(?:application|text)\/json$|\+json$/;

/** How a body of that type is compared. */
export function bodyKindOf({ type }: MediaType): 'json' | 'text' | 'bytes' {
  if (JSONS.test(type)) return 'json';
  return TEXTS.test(type) ? 'text' : 'bytes';
}

/** The text of a body; unknown charsets, and what is not in its charset, are read as latin1, which loses nothing. */
export function textOfBody(bytes: Uint8Array, { charset }: MediaType): string {
  try {
    return new TextDecoder(charset === '' ? 'utf-8' : charset, { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }
}
