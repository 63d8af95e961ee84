import type { ForwardDecision } from '../model/decision.ts';
import type { ClientExchange, RequestBody } from '../model/exchange.ts';
import { allValues, firstValue, type HeaderList } from '../model/header-list.ts';
import { authorityOf } from '../model/listen-address.ts';
import type { Matched } from '../model/matched.ts';
import type { Peer, RequestHead, RequestTraits } from '../model/request.ts';
import type { TrustedProxies } from '../model/trusted-proxies.ts';
import { staysBehind } from './edge-fields.ts';
import { applyEdits, removeField, setField } from './header-edits.ts';
import { hopByHopFilter } from './hop-by-hop.ts';
import { publicOrigin, publicScheme } from './public-origin.ts';
import { pathToSend, strippedPrefix } from './rewrite.ts';

/**
 * The head that a backend gets (docs/pass-through.md): the client's fields in their order and case, less what belongs to
 * its connection and what only a trusted proxy may say; then the router's own. Framing is made anew: Content-Length
 * stays where it stood, Transfer-Encoding is ours.
 */

/** What the head is made from. */
export interface RequestHeadInput {
  readonly decision: ForwardDecision;
  readonly matched: Matched;
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly peer: Peer;
  readonly trust: TrustedProxies;
  readonly requestId: string;
  /** Of the client's body: null chunked. */
  readonly bodyLength: number | null;
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  /** The url that is spoken to: its authority for `host: backend`, its base path. */
  readonly url: {
    readonly hostname: string;
    readonly port: number;
    readonly secure: boolean;
    readonly basePath: string;
  };
}

/** An exchange, or as much of one as `explain` has, and what was decided of it. */
export interface Decided {
  readonly exchange: Pick<ClientExchange, 'head' | 'traits' | 'peer' | 'upgrade' | 'expectsContinue'> & {
    readonly body: Pick<RequestBody, 'length'>;
  };
  readonly matched: Matched;
  readonly decision: ForwardDecision;
  readonly trust: TrustedProxies;
  readonly requestId: string;
}

/** A request as a backend will read it. */
export interface BackendRequestHead {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: HeaderList;
}

/** What is sent to this url for an exchange. */
export function requestHeadFor(decided: Decided, url: RequestHeadInput['url']): BackendRequestHead {
  return buildRequestHead(headInputOf(decided, url));
}

/** What the head of an exchange that is sent to this url is made from. */
export function headInputOf(decided: Decided, url: RequestHeadInput['url']): RequestHeadInput {
  const { exchange, decision, matched, trust, requestId } = decided;
  const { head, traits, peer, upgrade, expectsContinue, body } = exchange;
  return {
    decision,
    matched,
    head,
    traits,
    peer,
    trust,
    requestId,
    upgrade,
    expectsContinue,
    bodyLength: body.length,
    url,
  };
}

/** What is sent to the url of this attempt. Pure. */
export function buildRequestHead(input: RequestHeadInput): BackendRequestHead {
  const isTrusted = input.trust.contains(input.peer.address);
  const headers = passedFields(input, isTrusted);
  addFraming(headers, input);
  addForwarded(headers, input, isTrusted);
  if (input.decision.side === 'feature') applyEdits(headers, input.decision.route.policy.requestHeaders);
  // After the route's own edits: who gets a copy can always tell it from a request.
  if (isCopy(input.decision)) setField(headers, COPY_MARK, '1');
  return { method: input.head.method, path: requestPath(input), headers };
}

/** Marks a copy (docs/shadow.md). Nobody outside can say it: a client's x-banyan-* stay behind. */
export const COPY_MARK = 'x-banyan-shadow';

/** Nobody waits for the answer: it is compared. */
export function isCopy({ copy }: ForwardDecision): boolean {
  return copy !== undefined && copy !== null;
}

/** Path and query as they are sent. */
export function requestPath(
  input: Pick<RequestHeadInput, 'decision' | 'matched'> & {
    readonly traits: Pick<RequestTraits, 'query'>;
    readonly url: { readonly basePath: string };
  },
): string {
  const path = pathToSend(input.decision, input.matched);
  if (path === '*') return path;
  const query = input.traits.query === null ? '' : `?${input.traits.query}`;
  return input.url.basePath + path + query;
}

function passedFields(input: RequestHeadInput, isTrusted: boolean): string[] {
  const source = input.head.headers;
  const isHopByHop = hopByHopFilter(source);
  const host = hostToSend(input);
  const headers: string[] = [];
  let hasHost = false;
  for (let i = 0; i < source.length; i += 2) {
    const name = source[i] as string;
    const lower = name.toLowerCase();
    if (lower === 'host') {
      hasHost = true;
      headers.push(name, host);
    } else if (lower === 'content-length') {
      // As it was read, not as it was written: `00005` is five to everyone.
      headers.push(name, String(input.bodyLength));
    } else if (
      !isHopByHop(lower) &&
      !staysBehind(lower, isTrusted) &&
      (lower !== 'expect' || mayExpect(input))
    ) {
      headers.push(name, source[i + 1] as string);
    }
  }
  if (!hasHost) headers.unshift('Host', host);
  return headers;
}

/** HTTP/1.0 knows no Expect: such a client would wait for nothing (RFC 9110 section 10.1.1). */
function mayExpect(input: RequestHeadInput): boolean {
  return input.expectsContinue || input.head.minorVersion === 1;
}

/** The value of Host. */
export function hostToSend(input: RequestHeadInput): string {
  const { host } = input.decision.backend;
  if (host.kind === 'name') return host.name;
  const own = firstValue(input.head.headers, 'host');
  return host.kind === 'keep' && own !== undefined && own !== '' ? own : authorityOf(input.url);
}

function addFraming(headers: string[], input: RequestHeadInput): void {
  if (input.upgrade !== null) headers.push('Connection', 'Upgrade', 'Upgrade', input.upgrade);
  if (input.bodyLength === null) headers.push('Transfer-Encoding', 'chunked');
}

function addForwarded(headers: string[], input: RequestHeadInput, isTrusted: boolean): void {
  const { peer } = input;
  const host = firstValue(input.head.headers, 'host') ?? '';
  const said = (name: string): boolean => isTrusted && firstValue(input.head.headers, name) !== undefined;
  addForwardedFor(headers, input, isTrusted);
  const scheme = publicScheme(input, isTrusted);
  if (!said('x-forwarded-proto')) headers.push('X-Forwarded-Proto', scheme);
  if (host !== '' && !said('x-forwarded-host')) headers.push('X-Forwarded-Host', host);
  const origin = publicOrigin(input, isTrusted) ?? '';
  if (!said('x-forwarded-port')) headers.push('X-Forwarded-Port', publicPort(origin, scheme));
  if (!said('x-real-ip'))
    headers.push('X-Real-IP', input.trust.clientAddress(peer.address, input.head.headers));
  const prefix = strippedPrefix(input.decision, input.matched);
  if (prefix !== '')
    setField(headers, 'X-Forwarded-Prefix', (firstValue(headers, 'x-forwarded-prefix') ?? '') + prefix);
  // RFC 9110 section 7.6.3: what was received, not what is sent.
  headers.push('Via', input.head.isHttp2 === true ? '2 banyan' : '1.1 banyan');
  if (firstValue(headers, 'x-request-id') !== input.requestId)
    setField(headers, 'X-Request-Id', input.requestId);
}

/** What is said of a client that nobody trusts, and by whom, of a request of HTTP/1. */
export function forwardedFields(peer: Peer, host: string): HeaderList {
  const scheme = peer.secure ? 'https' : 'http';
  const fields = ['X-Forwarded-For', peer.address, 'X-Forwarded-Proto', scheme];
  if (host !== '') fields.push('X-Forwarded-Host', host);
  return [
    ...fields,
    'X-Forwarded-Port',
    publicPort(host, scheme),
    'X-Real-IP',
    peer.address,
    'Via',
    '1.1 banyan',
  ];
}

function addForwardedFor(headers: string[], input: RequestHeadInput, isTrusted: boolean): void {
  if (!isTrusted) {
    headers.push('X-Forwarded-For', input.peer.address);
    return;
  }
  const hops = allValues(input.head.headers, 'x-forwarded-for').filter((hop) => hop !== '');
  removeField(headers, 'x-forwarded-for');
  headers.push('X-Forwarded-For', [...hops, input.peer.address].join(', '));
}

function publicPort(host: string, scheme: string): string {
  const port = /:([0-9]+)$/.exec(host)?.[1];
  return port ?? (scheme === 'https' ? '443' : '80');
}
