/**
 * The forms of a request-target (RFC 9112 section 3.2), read as the client's own bytes: nothing is decoded, and no
 * URL object is built from client text, since that reads a path again, by rules of its own.
 */

/** A target taken apart. `authority` is null but for the absolute form. */
export interface TargetParts {
  readonly authority: string | null;
  /** Scheme of the absolute form, in lower case. */
  readonly scheme: 'http' | 'https' | null;
  /** From the first slash to the `?`, or `*`. An absolute form without a path means `/`. */
  readonly path: string;
  readonly query: string | null;
}

/** Takes a request-target apart; null if it is none that a server may take (authority form included). */
export function splitTarget(method: string, target: string): TargetParts | null {
  if (hasForbiddenByte(target)) return null;
  if (target.startsWith('/')) {
    const { path, query } = splitQuery(target);
    return { authority: null, scheme: null, path, query };
  }
  if (target === '*') {
    return method === 'OPTIONS' ? { authority: null, scheme: null, path: '*', query: null } : null;
  }
  return splitAbsolute(method, target);
}

/** Control characters and spaces would let a backend see another request line; a fragment is never sent (RFC 9112 3.2). */
function hasForbiddenByte(target: string): boolean {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f || code === 0x23) return true;
  }
  return false;
}

function splitAbsolute(method: string, target: string): TargetParts | null {
  const match = /^(https?):\/\/([^/?]*)/i.exec(target);
  if (match === null) return null;
  const [whole, scheme, authority] = match as unknown as [string, string, string];
  // Userinfo is refused: it makes `http://shop@elsewhere/` look like another host (RFC 9110 section 4.2.4).
  if (authority === '' || authority.includes('@')) return null;
  const rest = splitQuery(target.slice(whole.length));
  // RFC 9112 section 3.2.4: OPTIONS with neither path nor query is about the server, as `*` is.
  const empty = method === 'OPTIONS' && rest.query === null ? '*' : '/';
  return {
    authority,
    scheme: scheme.toLowerCase() as 'http' | 'https',
    path: rest.path === '' ? empty : rest.path,
    query: rest.query,
  };
}

function splitQuery(text: string): { path: string; query: string | null } {
  const mark = text.indexOf('?');
  if (mark < 0) return { path: text, query: null };
  return { path: text.slice(0, mark), query: text.slice(mark + 1) };
}
