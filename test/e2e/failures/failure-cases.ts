import type { Failure } from '../../../src/model/failure.ts';
import { get, post } from '../../support/raw-client.ts';
import { chunked } from '../../support/raw-message.ts';

/** What a case is about, and who is to blame in the metrics. */
export interface Case {
  readonly failure: Failure;
  readonly request: string;
  /** Route and backend of the attempt that failed; none: refused before a backend was asked. */
  readonly route?: string;
  readonly backend?: string;
  /** Refused before a route was known. */
  readonly isRejected?: boolean;
  readonly afterMs?: number;
}

/** One of each, but those that take more than one request. */
export const CASES: readonly Case[] = [
  { failure: 'connect_refused', request: get('/refused'), route: 'refused', backend: 'refused' },
  { failure: 'dns', request: get('/nowhere'), route: 'nowhere' },
  { failure: 'tls', request: get('/plain'), route: 'plain', backend: 'plain' },
  { failure: 'connect_timeout', request: get('/silent'), route: 'silent', backend: 'silent', afterMs: 400 },
  { failure: 'reset', request: get('/reset'), route: '(default)', backend: 'legacy' },
  { failure: 'bad_response', request: get('/garbage'), route: '(default)', backend: 'legacy' },
  { failure: 'response_timeout', request: get('/hang'), route: '(default)', backend: 'legacy', afterMs: 400 },
  { failure: 'deadline', request: get('/deadline'), route: 'deadline', backend: 'legacy', afterMs: 400 },
  { failure: 'body_too_large', request: post('/small', 'x'.repeat(11)), route: 'small' },
  {
    failure: 'body_too_large',
    request: `POST /small/chunks HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(['123456', '789012'])}`,
    route: 'small',
  },
  {
    failure: 'malformed_request',
    request: 'GET / HTTP/1.1\r\nHost: shop\r\nBad Name: 1\r\n\r\n',
    isRejected: true,
  },
  { failure: 'malformed_request', request: 'GET / HTTP/1.1\r\n\r\n', isRejected: true },
  { failure: 'malformed_request', request: get('/a%00b'), isRejected: true },
  { failure: 'ambiguous_path', request: get('/small%2f..%2ffull'), isRejected: true },
  { failure: 'ambiguous_query', request: get('/query?action=orders&action=other'), isRejected: true },
  { failure: 'header_too_large', request: get('/', [`X-Long: ${'x'.repeat(40_000)}`]), isRejected: true },
  {
    failure: 'header_too_large',
    request: get(
      '/',
      Array.from({ length: 250 }, (_, i) => `X-${i}: 1`),
    ),
    isRejected: true,
  },
  { failure: 'url_too_long', request: get(`/${'x'.repeat(17_000)}`), isRejected: true },
  { failure: 'request_timeout', request: 'GET / HTTP/1.1\r\nHost: shop\r\n', isRejected: true, afterMs: 400 },
  {
    failure: 'request_timeout',
    request: 'POST /hang/slow HTTP/1.1\r\nHost: shop\r\nContent-Length: 9\r\n\r\nx',
    route: '(default)',
    backend: 'legacy',
    afterMs: 400,
  },
  { failure: 'bad_version', request: 'GET / HTTP/2.0\r\nHost: shop\r\n\r\n', isRejected: true },
  {
    failure: 'loop',
    request: get('/', ['Via: 1.1 banyan, 1.1 banyan', 'Via: 1.1 banyan']),
    isRejected: true,
  },
  { failure: 'bad_method', request: 'CONNECT shop:443 HTTP/1.1\r\nHost: shop:443\r\n\r\n', isRejected: true },
];
