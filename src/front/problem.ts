import { STATUS_CODES } from 'node:http';
import { type Failure, retryAfterOf, statusOf } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import { prefersText } from './accept-field.ts';

/**
 * The router's own answers to what failed: `application/problem+json` (RFC 9457), or plain text where the client
 * likes that better. They name the failure and the request, and never an address: what lies behind is not the
 * client's business.
 */

/** A sentence for whoever reads the answer. */
const DETAIL: Readonly<Record<Failure, string>> = {
  connect_refused: 'The service did not accept a connection.',
  dns: 'The service could not be found on the network.',
  tls: 'No trusted connection to the service could be made.',
  reset: 'The service broke off the connection before it answered.',
  bad_response: 'The service sent an answer that could not be understood.',
  connect_timeout: 'No connection to the service could be made in time.',
  response_timeout: 'The service did not answer in time.',
  idle_timeout: 'The service stopped in the middle of the exchange.',
  deadline: 'The request could not be answered in the time it is given.',
  no_endpoint: 'The service has nobody to take the request just now.',
  breaker_open: 'The service is failing and is given time to recover.',
  over_capacity: 'The service has as many requests as it may take.',
  draining: 'The router is shutting down.',
  malformed_request: 'The request does not follow HTTP.',
  ambiguous_path: 'The path can be read in more than one way.',
  ambiguous_query: 'The query can be read in more than one way.',
  body_too_large: 'The body is larger than is allowed here.',
  header_too_large: 'The header fields are more, or larger, than is allowed.',
  url_too_long: 'The URL is longer than is allowed.',
  request_timeout: 'The request did not arrive in time.',
  bad_version: 'This version of HTTP is not spoken here.',
  loop: 'The request went through this router again and again.',
  bad_method: 'The method is not supported.',
  plain_http: 'This service is to be asked over HTTPS.',
  tls_handshake: 'This port speaks TLS: ask it with https.',
  client_closed: 'The client closed the connection.',
  internal: 'The router failed.',
};

/** A problem as head and body: end-to-end fields, flat, Content-Length included. */
export interface Problem {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** What a problem is made from; `accept` is the request's field of that name. */
export interface ProblemInput {
  readonly failure: Failure;
  readonly requestId: string;
  /** Further fields. */
  readonly fields?: HeaderList;
  readonly accept: string | undefined;
  /** Wall clock, ms. */
  readonly now: number;
}

/** Renders a failure. Pure. */
export function renderProblem({ failure, requestId, fields = [], accept, now }: ProblemInput): Problem {
  const status = statusOf(failure);
  const reason = STATUS_CODES[status] ?? 'Client Closed Request';
  const isText = prefersText(accept);
  const text = isText
    ? `${status} ${reason}\n\n${DETAIL[failure]}\nfailure: ${failure}\nrequest: ${requestId}\n`
    : `${JSON.stringify({ type: 'about:blank', title: reason, status, detail: DETAIL[failure], failure, request_id: requestId })}\n`;
  const body = Buffer.from(text, 'utf8');
  const retryAfter = retryAfterOf(failure);
  const headers = [
    ...['Date', new Date(now).toUTCString()],
    ...['Content-Type', isText ? 'text/plain; charset=utf-8' : 'application/problem+json'],
    ...['Content-Length', String(body.length)],
    ...['Cache-Control', 'no-store'],
    ...['X-Request-Id', requestId],
    ...(retryAfter === undefined ? [] : ['Retry-After', String(retryAfter)]),
    ...fields,
  ];
  return { status, reason, headers, body };
}
