import type { AnswerSink, ClientExchange } from '../model/exchange.ts';
import type { Matched } from '../model/matched.ts';
import { applyEdits } from './header-edits.ts';

/** Redirect and respond: the answers that no backend gives. Returns status and bytes of the body sent. */
export function answerLocally(exchange: ClientExchange, matched: Matched): { status: number; bytes: number } {
  const { action } = matched.route;
  if (action.kind === 'redirect') {
    const location = redirectLocation(action.to, matched.normalPath, exchange.traits.query);
    return send(exchange, matched, { status: action.status, headers: ['Location', location], body: '' });
  }
  if (action.kind === 'respond') {
    const headers = action.body === '' ? [] : ['Content-Type', action.type];
    return send(exchange, matched, { status: action.status, headers, body: action.body });
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

function send(
  exchange: ClientExchange,
  matched: Matched,
  answer: { status: number; headers: string[]; body: string },
): { status: number; bytes: number } {
  const body = Buffer.from(answer.body);
  const headers = [...answer.headers];
  const mayHaveBody = answer.status !== 204 && answer.status !== 304;
  if (mayHaveBody) headers.push('Content-Length', String(body.length));
  applyEdits(headers, matched.route.policy.responseHeaders);
  const bodyLength = mayHaveBody && exchange.head.method !== 'HEAD' ? body.length : 0;
  writeWhole(
    exchange.answer,
    { status: answer.status, reason: '', headers, bodyLength },
    body.subarray(0, bodyLength),
  );
  return { status: answer.status, bytes: bodyLength };
}

function writeWhole(sink: AnswerSink, head: Parameters<AnswerSink['head']>[0], body: Buffer): void {
  sink.head(head);
  if (body.length > 0) sink.chunk(body);
  sink.end([]);
}
