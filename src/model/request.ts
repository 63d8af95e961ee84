import type { HeaderList } from './header-list.ts';

/** The head of a request as it came from the client; strings are latin1, one character a byte. */
export interface RequestHead {
  /** Any method token, case kept. */
  readonly method: string;
  /** The request-target as it came. */
  readonly target: string;
  /** HTTP/1.0 or HTTP/1.1 (HTTP/2 counts as 1.1: its requests carry the same semantics). */
  readonly minorVersion: 0 | 1;
  /** It came over HTTP/2. Left out otherwise. */
  readonly isHttp2?: true;
  readonly headers: HeaderList;
  /** The same fields as they stood in the head, where a front has them at hand. */
  readonly lines?: FieldLines | undefined;
}

/** What clients speak, as logs and metrics name it. */
export const PROTOCOLS = ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What a request was spoken in. */
export function protocolOf({ isHttp2, minorVersion }: RequestHead): Protocol {
  if (isHttp2 === true) return 'HTTP/2.0';
  return minorVersion === 0 ? 'HTTP/1.0' : 'HTTP/1.1';
}

/** Fields as text, so that they can go on without being taken apart and put together again. */
export interface FieldLines {
  /** latin1; ends with the CRLF of the last field. */
  readonly text: string;
  /** Offsets: two numbers of no meaning here, then of each field's name and value, four numbers a field. */
  readonly marks: readonly number[];
  /** The same object will come with further requests of the connection: what is made of it is worth keeping. */
  readonly isKept?: boolean;
}

/** The two ends of a client's connection. */
export interface Peer {
  /** Client's address; an IPv4-mapped IPv6 address in its IPv4 form. */
  readonly address: string;
  readonly port: number;
  /** TLS on this connection. */
  readonly secure: boolean;
}

/** What routing reads of a request, taken from its head once. */
export interface RequestTraits {
  readonly method: string;
  /** Lower case, without port and trailing dot; '' when there is none (HTTP/1.0). */
  readonly host: string;
  /** The client's own bytes: from the first slash to the `?`. `*` for `OPTIONS *`. */
  readonly path: string;
  /** The client's own bytes after the first `?`; null when there is no `?`. */
  readonly query: string | null;
  readonly headers: HeaderList;
}
