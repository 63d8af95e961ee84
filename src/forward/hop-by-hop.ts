import { type HeaderList, tokensOf } from '../model/header-list.ts';
import { isOfTheEdge, staysBehind } from './edge-fields.ts';

/**
 * Fields that belong to one connection and are never passed on: RFC 9110 section 7.6.1, and what Connection names.
 * Proxy-Authenticate, Proxy-Authorization and Proxy-Authentication-Info speak to the next proxy alone (section 11.7).
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
]);

/** What the message cannot do without, with the edge's own: naming it in Connection does not remove it. */
const NEVER_NOMINATED: ReadonlySet<string> = new Set(['host', 'content-length', 'content-type']);

/** Tells which fields of one message stay behind. */
export function hopByHopFilter(headers: HeaderList): (lowerName: string) => boolean {
  const nominated = tokensOf(headers, 'connection').filter(
    (name) => !NEVER_NOMINATED.has(name) && !isOfTheEdge(name),
  );
  if (nominated.length === 0) return isHopByHop;
  return (name) => HOP_BY_HOP.has(name) || nominated.includes(name);
}

/** Whether a field is hop-by-hop whatever Connection says. */
export function isHopByHop(lowerName: string): boolean {
  return HOP_BY_HOP.has(lowerName);
}

/** Fields that may not stand in trailers (RFC 9110 section 6.5.1): framing, routing, and hop-by-hop ones. */
const NO_TRAILERS: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'content-length',
  'host',
  'trailer',
  'content-type',
  'content-encoding',
  'content-range',
  'authorization',
  'cookie',
  'set-cookie',
  'expect',
  'location',
]);

/** Trailers without what must not stand there. */
export function passableTrailers(trailers: HeaderList): HeaderList {
  if (trailers.length === 0) return trailers;
  const kept: string[] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string;
    if (!NO_TRAILERS.has(name.toLowerCase())) kept.push(name, trailers[i + 1] as string);
  }
  return kept;
}

/** Trailers of a client, without what it may not say either: some servers take trailers for headers. */
export function passableRequestTrailers(trailers: HeaderList): HeaderList {
  const passable = passableTrailers(trailers);
  return passable.filter((_, i) => {
    const name = (passable[i - (i % 2)] as string).toLowerCase();
    return name !== 'via' && !staysBehind(name, false);
  });
}
