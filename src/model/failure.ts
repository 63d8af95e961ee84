/**
 * What can go wrong with an exchange: a closed set. The log, the metrics, the status that the client sees and the
 * fallback rules all derive from these names, and {@link statusOf} is the only place that turns one into a status.
 */

const STATUS = {
  // A backend could not be reached, or broke its promise.
  connect_refused: 502,
  dns: 502,
  tls: 502,
  reset: 502,
  bad_response: 502,
  // A backend was too slow.
  connect_timeout: 504,
  response_timeout: 504,
  idle_timeout: 504,
  deadline: 504,
  // Nothing can take the request now.
  no_endpoint: 503,
  breaker_open: 503,
  over_capacity: 503,
  draining: 503,
  // The request itself.
  malformed_request: 400,
  ambiguous_path: 400,
  ambiguous_query: 400,
  header_too_large: 431,
  url_too_long: 414,
  body_too_large: 413,
  request_timeout: 408,
  bad_version: 505,
  loop: 508,
  bad_method: 501,
  /** The plain port, where TLS is asked for (`--tls-redirect`). */
  plain_http: 308,
  /** No TLS, or none that came about: only who speaks plain HTTP to the TLS port is answered. */
  tls_handshake: 400,
  /** The client left before its answer was complete: no status is ever sent; 499 stands in log and metrics. */
  client_closed: 499,
  /** A fault of the router's own. Never expected; logged with its stack. */
  internal: 500,
} as const;

/** The name of a failure. */
export type Failure = keyof typeof STATUS;

/** Every failure, in the order of the table in docs/failures.md. */
export const FAILURES = Object.keys(STATUS) as readonly Failure[];

/** The status that stands for a failure: in the answer if none was begun, in log and metrics always. */
export function statusOf(failure: Failure): number {
  return STATUS[failure];
}

/** Seconds for Retry-After, on the failures that pass by themselves; undefined for the others. */
export function retryAfterOf(failure: Failure): number | undefined {
  return STATUS[failure] === 503 ? 1 : undefined;
}
