import { firstValue } from '../model/header-list.ts';
import type { Peer, RequestHead } from '../model/request.ts';

/**
 * The address that the client used, as far as it can be known: its own words, or those of a trusted proxy before us. Of
 * a list (`https, http`: each proxy added what it saw) the first member is the one nearest to the client.
 */

/** Of an exchange, what this is read from. */
type Asked = { readonly head: Pick<RequestHead, 'headers'>; readonly peer: Pick<Peer, 'secure'> };

/** `http` or `https`. */
export function publicScheme(asked: Asked, isTrusted: boolean): string {
  const said = isTrusted ? firstMember(asked, 'x-forwarded-proto')?.toLowerCase() : undefined;
  if (said === 'http' || said === 'https') return said;
  return asked.peer.secure ? 'https' : 'http';
}

/** `https://shop.example.com:8443`; null when there is no Host (HTTP/1.0). */
export function publicOrigin(asked: Asked, isTrusted: boolean): string | null {
  const said = isTrusted ? firstMember(asked, 'x-forwarded-host') : undefined;
  const host = said !== undefined && isAuthority(said) ? said : firstValue(asked.head.headers, 'host');
  return host === undefined ? null : `${publicScheme(asked, isTrusted)}://${host}`;
}

function firstMember(asked: Asked, lowerName: string): string | undefined {
  return firstValue(asked.head.headers, lowerName)?.split(',', 1)[0]?.trim();
}

/** Nothing that would move the end of the host in a Location. */
function isAuthority(text: string): boolean {
  return /^[^\s/\\?#@]+$/.test(text);
}
