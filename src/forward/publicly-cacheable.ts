import { allValues, firstValue, type HeaderList } from '../model/header-list.ts';

/**
 * May a cache that many clients share give an answer to another client without asking again? Then it must not carry a
 * cookie of one client (docs/canary.md). By what the answer says (RFC 9111), in this order:
 *
 *   Vary: *                              no    section 4.1: it fits no other request
 *   no-store, private                    no    sections 5.2.2.5 and 5.2.2.7
 *   public                               yes   section 5.2.2.9
 *   s-maxage                             above 0, section 5.2.2.10: it is for shared caches alone
 *   no-cache                             no    section 5.2.2.4
 *   max-age                              above 0, section 5.2.2.1
 *   Expires                              later than Date, section 5.3
 *   none of them                         no    a cache may guess (section 4.2.2), but an answer with Set-Cookie is not
 *                                              what caches guess about, and most pages say nothing
 *
 * CDN-Cache-Control (RFC 9213) is judged like Cache-Control: either may open an answer to caches.
 */
export function isPubliclyCacheable(headers: HeaderList): boolean {
  if (allValues(headers, 'vary').some((value) => value.includes('*'))) return false;
  const fromDirectives = openness(headers, 'cache-control');
  if (fromDirectives === true || openness(headers, 'cdn-cache-control') === true) return true;
  return fromDirectives ?? isExpiryAhead(headers);
}

/** What a field of directives says; null if nothing that counts. */
function openness(headers: HeaderList, lowerName: string): boolean | null {
  const directives = directivesOf(headers, lowerName);
  if (directives.has('no-store') || directives.has('private')) return false;
  if (directives.has('public')) return true;
  const shared = directives.get('s-maxage');
  if (shared !== undefined) return Number(shared) > 0;
  if (directives.has('no-cache')) return false;
  const age = directives.get('max-age');
  return age === undefined ? null : Number(age) > 0;
}

/** Names in lower case, with the text after `=` less its quotes. Of a repeated one the first counts. */
function directivesOf(headers: HeaderList, lowerName: string): Map<string, string> {
  const directives = new Map<string, string>();
  for (const part of allValues(headers, lowerName).join(',').split(',')) {
    const [name = '', value = ''] = part.split('=', 2);
    const key = name.trim().toLowerCase();
    if (!directives.has(key)) directives.set(key, value.replaceAll('"', '').trim());
  }
  return directives;
}

/** A date that is none (`0`, `-1`) means that it is over. */
function isExpiryAhead(headers: HeaderList): boolean {
  const expires = dateOf(headers, 'expires');
  return expires !== null && expires > (dateOf(headers, 'date') ?? Number.NEGATIVE_INFINITY);
}

function dateOf(headers: HeaderList, lowerName: string): number | null {
  const text = firstValue(headers, lowerName) ?? '';
  const time = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
