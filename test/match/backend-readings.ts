/**
 * How four kinds of backend read the path that is sent to them, as functions from the bytes to the decoded path that
 * their own routing sees; null where they answer 400 or 404 without looking. Written from their documentation and
 * behaviour, independently of `src/model/path-readings.ts`; bytes are latin1 strings.
 */

/** nginx with `merge_slashes on`: one decoding, separators and dots among what is decoded, all in one pass. */
export function nginxReads(path: string): string | null {
  const decoded = decodeAll(path);
  if (decoded.includes('\0')) return null;
  return resolveDots(mergeSlashes(decoded));
}

/** nginx with `merge_slashes off`. */
export function nginxUnmergedReads(path: string): string | null {
  const decoded = decodeAll(path);
  return decoded.includes('\0') ? null : resolveDots(decoded);
}

/**
 * Apache httpd 2.4 with `AllowEncodedSlashes On`: unreserved triplets are decoded, slashes merged and dot segments
 * resolved first; the remaining triplets are decoded after that, and nothing is resolved again.
 */
export function apacheReads(path: string): string | null {
  const normalized = resolveDots(mergeSlashes(decodeOnly(path, /[A-Za-z0-9\-._~]/)));
  const decoded = decodeAll(normalized);
  return decoded.includes('\0') ? null : decoded;
}

/**
 * Express with strict routing: the path's own bytes meet the routes; nothing is decoded, merged or resolved. A url with a
 * no-break space goes through `url.parse` of Node.js, which trims it.
 */
export function expressReads(path: string): string | null {
  return path.replace(/\xa0+$/, '');
}

/**
 * A WSGI or Rack application: PATH_INFO is decoded once, and nothing is resolved. Python's own server splits the request
 * line at what is white space in latin1.
 */
export function wsgiReads(path: string): string | null {
  const target = path.replace(/[\x85\xa0]+$/, '');
  return /[\x85\xa0]/.test(target) ? null : decodeAll(target);
}

/** A Java servlet container: parameters cut from the raw segments, then decoded, merged, resolved. */
export function servletReads(path: string, { backslash = false } = {}): string | null {
  const cut = path
    .split('/')
    .map((segment) => segment.split(';')[0] as string)
    .join('/');
  let decoded = decodeAll(cut);
  if (decoded.includes('\0')) return null;
  if (backslash) decoded = decoded.replaceAll('\\', '/');
  return resolveDots(mergeSlashes(decoded));
}

/** A servlet container that takes backslashes for slashes, as some on Windows do. */
export function windowsServletReads(path: string): string | null {
  return servletReads(path, { backslash: true });
}

/** A filter that decodes again what the server decoded, then resolves; with it trailing dots and spaces go. */
export function windowsTwiceReads(path: string): string | null {
  const decoded = decodeAll(decodeAll(path)).replaceAll('\\', '/');
  if (decoded.includes('\0')) return null;
  const trimmed = decoded
    .split('/')
    .map((segment) => (/^\.{1,2} *$/.test(segment) ? segment.trim() : segment.replace(/[. ]+$/, '')));
  return resolveDots(mergeSlashes(trimmed.join('/')));
}

export const BACKENDS: Readonly<Record<string, (path: string) => string | null>> = {
  nginx: nginxReads,
  'nginx, slashes unmerged': nginxUnmergedReads,
  'Apache httpd': apacheReads,
  Express: expressReads,
  WSGI: wsgiReads,
  'a servlet container': servletReads,
  'a servlet container on Windows': windowsServletReads,
  'a Windows server behind a decoding filter': windowsTwiceReads,
};

function decodeAll(path: string): string {
  return decodeOnly(path, /[\x00-\xff]/);
}

function decodeOnly(path: string, which: RegExp): string {
  return path.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return which.test(char) ? char : triplet;
  });
}

function mergeSlashes(path: string): string {
  return path.replace(/\/+/g, '/');
}

function resolveDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((segment, i) => {
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (i === segments.length - 1) kept.push('');
  });
  return `/${kept.join('/')}`;
}
