/**
 * Fields that speak for the edge: who the client is, which way it came. Only the router says them, or a proxy that it
 * trusts; from anybody else they are a forgery.
 */

/** Besides all of X-Forwarded-*. */
const PROXY_SAYS: ReadonlySet<string> = new Set([
  'forwarded',
  'x-real-ip',
  'x-request-id',
  'x-original-url',
  'x-rewrite-url',
  'x-original-host',
]);

/** What the router makes anew or leaves behind (hop-by-hop.ts), so that nobody may say it by another name. */
const NOT_BY_ANOTHER_NAME: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'http2-settings',
]);

/** Whether a field of a client's is not passed on. */
export function staysBehind(lowerName: string, isTrusted: boolean): boolean {
  const name = plainName(lowerName);
  if (name !== lowerName && NOT_BY_ANOTHER_NAME.has(name)) return true;
  // `Proxy` becomes HTTP_PROXY in CGI ("httpoxy"); x-banyan-* are the router's own marks.
  if (name === 'proxy' || name.startsWith('x-banyan-')) return true;
  // Even a trusted proxy's are dropped in another spelling: ours, with `-`, would stand beside them.
  return isOfTheEdge(name) && (!isTrusted || name !== lowerName);
}

/** Whether the router sets this field, or passes a trusted proxy's on: a client's Connection cannot take it away. */
export function isOfTheEdge(lowerName: string): boolean {
  return lowerName.startsWith('x-forwarded-') || PROXY_SAYS.has(lowerName);
}

/** As CGI, WSGI and PHP read a name: to them `_` is `-`, and to PHP `.` is too. */
function plainName(lowerName: string): string {
  return /[_.]/.test(lowerName) ? lowerName.replace(/[_.]/g, '-') : lowerName;
}
