import { allValues, type HeaderList, isNamed, tokensOf } from '../model/header-list.ts';
import type { RequestHead } from '../model/request.ts';

/**
 * Which offers of another protocol can become a tunnel. An offer of HTTP/2 (Java's client, `curl --http2`) is one that
 * anybody may decline by just answering (RFC 9110 section 7.8), and so is one with a body, whose end would not be seen
 * on a raw socket: both become plain requests.
 */

/** The value of Upgrade if the connection can be handed over for it; null: a plain request. */
export function tunnelOffer(head: RequestHead, bodyLength: number | null): string | null {
  // RFC 9110 section 7.8: Upgrade in HTTP/1.0 must be ignored, as must one that Connection does not name.
  if (head.minorVersion === 0 || bodyLength !== 0) return null;
  if (!tokensOf(head.headers, 'connection').includes('upgrade')) return null;
  const offers = allValues(head.headers, 'upgrade').join(',').split(',');
  const others = offers
    .map((offer) => offer.trim())
    .filter((offer) => offer !== '' && !isHttp2(offer.toLowerCase()));
  return others.length > 0 ? others.join(', ') : null;
}

/** The head again, byte for byte but for the offer, so that a parser reads it as a plain request. */
export function headWithoutOffer(
  line: { method: string; target: string; version: string },
  headers: HeaderList,
): string {
  let text = `${line.method} ${line.target} HTTP/${line.version}\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (isNamed(name, 'upgrade') || isNamed(name, 'http2-settings')) continue;
    text += `${name}: ${headers[i + 1]}\r\n`;
  }
  return `${text}\r\n`;
}

function isHttp2(offer: string): boolean {
  return offer === 'h2c' || offer === 'h2' || offer.startsWith('h2c-');
}
