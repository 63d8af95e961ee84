import { type HeaderList, tokensOf } from './header-list.ts';

/** What requests and answers have in common: read in one way on both sides of the router. */

/** A Content-Length (RFC 9110 section 8.6): decimal digits alone, up to 2⁵³ − 1; null for anything else. */
export function parseLength(value: string): number | null {
  if (!/^[0-9]{1,16}$/.test(value)) return null;
  const length = Number(value);
  return Number.isSafeInteger(length) ? length : null;
}

/** Whether the sender of this head wants its connection kept for another message (RFC 9112 section 9.3). */
export function keepsConnection(head: {
  readonly minorVersion: 0 | 1;
  readonly headers: HeaderList;
}): boolean {
  const options = tokensOf(head.headers, 'connection');
  if (options.includes('close')) return false;
  return head.minorVersion === 1 || options.includes('keep-alive');
}
