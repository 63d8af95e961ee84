/**
 * How a backend's endpoints stand, for `/api/backends` and the gauge `banyan_backend_endpoints`. Made by `live/` when
 * it is asked for; plain data.
 */

/**
 * `ejected`: its connections just failed, so that others are preferred, or its breaker is open. `unhealthy`: by active
 * checks.
 */
export const ENDPOINT_STATES = ['available', 'ejected', 'unhealthy'] as const;
export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** What is spoken to a backend: HTTP/1.1, or with `http2: true` h2 over TLS and h2c without. */
export type BackendProtocol = 'http/1.1' | 'h2' | 'h2c';

/** What is spoken to an endpoint, or to a url. */
export function backendProtocol(
  { http2 }: { readonly http2: boolean },
  { secure }: { readonly secure: boolean },
): BackendProtocol {
  if (!http2) return 'http/1.1';
  return secure ? 'h2' : 'h2c';
}

/** One endpoint. */
export interface EndpointStatus {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** The url's host that gave this address. */
  readonly hostname: string;
  readonly state: EndpointState;
  /** In words; null for `available`. */
  readonly why: string | null;
  /** Of the last change; wall clock, ms. */
  readonly since: number;
  /** Of requests and probes, in a row. */
  readonly consecutiveFailures: number;
  /** When it is tried or checked next; wall clock, ms. Null: nothing is due. */
  readonly nextProbeAt: number | null;
  readonly inFlight: number;
}

/** What was last heard of a name. */
export interface NameStatus {
  readonly host: string;
  /** Wall clock of the last answer with addresses, ms; null: none was ever given. */
  readonly answeredAt: number | null;
  /** Why the last question failed (`ENOTFOUND`, `ESERVFAIL`, `ETIMEOUT` …); null if it was answered. */
  readonly problem: string | null;
}

/** One backend: its endpoints, and the names they come from. */
export interface BackendStatus {
  readonly backend: string;
  /** To its urls, each once. */
  readonly protocols: readonly BackendProtocol[];
  readonly endpoints: readonly EndpointStatus[];
  /** Of its urls whose host is no IP literal. */
  readonly names: readonly NameStatus[];
}

/** How full a backend is. */
export interface CapacityStatus {
  readonly backend: string;
  readonly inFlight: number;
  /** 0: no limit. */
  readonly maxInFlight: number;
  readonly waiting: number;
}
