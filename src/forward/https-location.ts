import type { Peer, RequestHead, RequestTraits } from '../model/request.ts';
import { publicOrigin } from './public-origin.ts';

/** Of an exchange, what this is read from. */
interface Asked {
  readonly head: Pick<RequestHead, 'headers' | 'target'>;
  readonly traits: Pick<RequestTraits, 'path' | 'query'>;
  readonly peer: Pick<Peer, 'secure'>;
}

/** Where the same is to be had through TLS, at this public port; null: the request names no host (HTTP/1.0). */
export function httpsLocation(asked: Asked, port: number, isTrusted: boolean): string | null {
  const origin = publicOrigin(asked, isTrusted);
  if (origin === null) return null;
  const host = origin.slice(origin.indexOf('://') + 3).replace(/:\d*$/, '');
  return `https://${host}${port === 443 ? '' : `:${port}`}${targetOf(asked)}`;
}

/** The client's own bytes, without the origin of an absolute form; of `OPTIONS *` nothing. */
function targetOf({ head, traits }: Asked): string {
  if (head.target.startsWith('/')) return head.target;
  if (head.target === '*') return '/';
  return traits.query === null ? traits.path : `${traits.path}?${traits.query}`;
}
