import { type HeaderList, tokensOf } from '../../model/header-list.ts';
import type { BackendRequestHead } from '../request-head.ts';

/**
 * The fields of a request as HTTP/2 has them (RFC 9113 section 8.3.1): what HTTP/1.1 says in its first line and in Host
 * comes first, names are in lower case, and what speaks of a connection is left out.
 */

const OF_A_CONNECTION: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
]);

/** What is sent to a backend, from the head that it would get over HTTP/1.1 and what the client said. Pure. */
export function requestFields(
  head: BackendRequestHead,
  { secure, client }: { readonly secure: boolean; readonly client: HeaderList },
): HeaderList {
  const fields = [':method', head.method, ':scheme', secure ? 'https' : 'http'];
  const rest: string[] = [];
  let authority = '';
  for (let i = 0; i < head.headers.length; i += 2) {
    const name = (head.headers[i] as string).toLowerCase();
    const value = head.headers[i + 1] as string;
    if (name === 'host' && authority === '') authority = value;
    if (!OF_A_CONNECTION.has(name)) rest.push(name, value);
  }
  fields.push(':authority', authority, ':path', head.path, ...rest);
  // The one thing that TE may say in HTTP/2 (section 8.2.2); gRPC asks for it.
  if (tokensOf(client, 'te').some((token) => /^trailers *(?:;|$)/.test(token))) fields.push('te', 'trailers');
  return fields;
}

/** Trailers of a request: names in lower case. Pure. */
export function trailerFields(trailers: HeaderList): HeaderList {
  return trailers.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text));
}
