import { STATUS_CODES } from 'node:http';
import type { AnswerHead, AnswerSink, ClientExchange } from '../model/exchange.ts';
import type { Matched } from '../model/matched.ts';
import { applyEdits } from './header-edits.ts';

/** What a local answer is made from, beside its route. */
export interface LocalTerms {
  /** Wall clock, ms. */
  readonly now: number;
  /** With the debug header that there is: no side answers, so there is no reason either. */
  readonly debug: boolean;
}

/** What a route answers by itself, whole. */
export interface LocalAnswer {
  readonly head: AnswerHead;
  /** Empty for HEAD, 204 and 304. */
  readonly body: Buffer;
}

/** Redirect and respond: the answers that no backend gives. Pure. */
export function buildLocalAnswer(exchange: ClientExchange, matched: Matched, terms: LocalTerms): LocalAnswer {
  const { status, headers: own, body: text } = contentOf(exchange, matched);
  const body = Buffer.from(text);
  // RFC 9110 section 6.6.1: this answer has no origin but the router, so its Date is the router's.
  const headers = ['Date', new Date(terms.now).toUTCString(), ...own];
  const mayHaveBody = status !== 204 && status !== 304;
  if (mayHaveBody) headers.push('Content-Length', String(body.length));
  applyEdits(headers, matched.route.policy.responseHeaders);
  if (terms.debug) headers.push('x-banyan-route', matched.route.name);
  const bodyLength = mayHaveBody && exchange.head.method !== 'HEAD' ? body.length : 0;
  const head = { status, reason: STATUS_CODES[status] ?? '', headers, bodyLength };
  return { head, body: body.subarray(0, bodyLength) };
}

/** Sends it. */
export function sendLocalAnswer(sink: AnswerSink, { head, body }: LocalAnswer): void {
  sink.head(head);
  if (body.length > 0) sink.chunk(body);
  sink.end([]);
}

interface Content {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

function contentOf(exchange: ClientExchange, matched: Matched): Content {
  const { action } = matched.route;
  if (action.kind === 'redirect') {
    const location = redirectLocation(action.to, matched.normalPath, exchange.traits.query);
    return { status: action.status, headers: ['Location', location], body: '' };
  }
  if (action.kind === 'respond') {
    const headers = action.body === '' ? [] : ['Content-Type', action.type];
    return { status: action.status, headers, body: action.body };
  }
  throw new Error(`route ${matched.route.name} is answered by a backend`);
}

/**
 * Where a redirect leads. `{path}` is N without its first slash; the client's query is appended unless `to` has one
 * (docs/routes.md). A path of the client's never becomes another host: `//x` and `/\x` would be read as one.
 */
export function redirectLocation(to: string, normalPath: string, query: string | null): string {
  const path = normalPath.replace(/^\/+/, '').replaceAll('\\', '%5C');
  const location = to.replaceAll('{path}', () => path);
  return query === null || to.includes('?') ? location : withQuery(location, query);
}

/** The query goes before a fragment (RFC 3986 section 3). */
function withQuery(location: string, query: string): string {
  const hash = location.indexOf('#');
  return hash === -1 ? `${location}?${query}` : `${location.slice(0, hash)}?${query}${location.slice(hash)}`;
}
