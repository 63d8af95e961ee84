/** The words of HTTP that values of routes.yaml must be. */

/** RFC 9110 section 5.6.2: names of fields and methods. Cookie names are tokens too (RFC 6265 section 4.1.1). */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Fields that frame a message or belong to one connection: the router makes them anew, nobody may set or remove them. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Why a field name can't be used in a route's header changes; null if it can. */
export function fieldNameProblem(name: string): string | null {
  if (!TOKEN.test(name)) return `"${name}" is not a header name`;
  const lower = name.toLowerCase();
  if (FRAMING.has(lower))
    return `"${name}" frames the message or belongs to one connection: the router alone sets it`;
  if (lower === 'host') return 'Host is set by the backend\'s "host: keep | backend | a name"';
  return null;
}

/** Why a text can't be a field's value (RFC 9110 section 5.5); null if it can. */
export function fieldValueProblem(value: string): string | null {
  if (/[\r\n]/.test(value)) return 'a header value has no line break';
  if (/[\x00-\x08\x0A-\x1F\x7F]/.test(value)) return 'a header value has no control characters';
  if (/[^\x00-\x7F]/.test(value)) return 'a header value is ASCII: encode what is not';
  if (value !== value.trim()) return 'a header value neither begins nor ends with white space';
  return null;
}
