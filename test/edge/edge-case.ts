import type { ConnectionOptions } from 'node:tls';
import type { Frame } from '../support/http2-frames.ts';

/**
 * A case of `npm run test:edge`: bytes in, and what is allowed to come out, at the backends and at the client. What is
 * allowed follows from the RFCs and, where those leave a choice, from what a router in front of strangers should do;
 * never from what some proxy does.
 */

/** Which backend: `/feature` is the feature's, all else is legacy's. */
export type Side = 'legacy' | 'feature';

/** A request as a backend got it, byte for byte (latin1). */
export interface SeenRequest {
  readonly side: Side;
  /** Up to and with the empty line. */
  readonly head: string;
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Without chunked coding. */
  readonly body: string;
  /** Lines of the trailer section. */
  readonly trailers: string;
  /** Its end was seen. */
  readonly isWhole: boolean;
  /** What no proxy may send: a bare LF, two lengths, a chunk that is none. null: all is well. */
  readonly fault: string | null;
  /** What came after a 101. */
  readonly tunnel: string;
  /** When its head came, ms from the beginning of the case. */
  readonly atMs: number;
}

/** An answer as the client got it. */
export interface SeenAnswer {
  readonly status: number;
  /** From the status line to the empty line. */
  readonly head: string;
  /** Without chunked coding. */
  readonly body: string;
  readonly trailers: string;
  readonly isWhole: boolean;
  /** Heads of the 1xx before it. */
  readonly interim: readonly string[];
}

/** All that was seen of a case. */
export interface Seen {
  readonly requests: readonly SeenRequest[];
  /** In the order of connections, then of answers. */
  readonly answers: readonly SeenAnswer[];
  /** What came and belongs to no answer: half a head, or a tunnel's bytes. */
  readonly rest: string;
  /** How the client's connection stands at the end. */
  readonly end: 'open' | 'end' | 'reset';
  /** Until the first answer's head was whole; null: none. */
  readonly answeredMs: number | null;
  /** Until the connection was over; null: it is not. */
  readonly endedMs: number | null;
  /** How TLS went, where it was spoken. */
  readonly tls: SeenTls | null;
  /** Of HTTP/2, where it was spoken. */
  readonly frames: readonly Frame[];
}

/** A handshake: what was agreed on, or why none was. */
export interface SeenTls {
  readonly version: string | null;
  /** By ALPN; null: none. */
  readonly protocol: string | null;
  readonly fault: string | null;
}

/** What is allowed. */
export interface Rule {
  /** In a few words, for the page: `400`, `reaches legacy without X`. */
  readonly text: string;
  /** null: it holds; else what was seen instead, in a few words. */
  readonly check: (seen: Seen) => string | null;
}

/** What a client does beside sending bytes: waits for one more whole answer, or so many ms; leaves. */
export type ClientAct =
  | { readonly waitFor: 'answer' | 'request' | number }
  | { readonly leave: 'end' | 'reset' };

/** What a backend does beside sending bytes. */
export type BackendAct = { readonly act: 'end' | 'reset' | 'echo' } | { readonly waitMs: number };

/** How a backend answers one request. */
export interface Reply {
  /** When it begins: with the head, or when the request is whole (the default). */
  readonly when?: 'head' | 'body';
  readonly says: readonly (string | BackendAct)[];
}

/** One case. */
export interface EdgeCase {
  readonly what: string;
  /** What the client sends; latin1. */
  readonly send: string | readonly (string | ClientAct)[];
  /** Where it stands: a section of RFC 9110, 9112 or 9113 (`9112 6.3`), or of the design. */
  readonly source: string;
  /** The RFCs allow more than this, for the reason given; counted apart. */
  readonly stricter?: string;
  readonly rule: Rule;
  /** How backends answer, request by request; those without one get 200 with the body `ok`. */
  readonly replies?: readonly Reply[];
  /** Methods of what is sent, where one is HEAD, which has an answer without a body. */
  readonly methods?: readonly string[];
  /** Where it is sent to; `tls` without options is the port of TLS, spoken to as if it were none. Default `plain`. */
  readonly port?: 'plain' | 'tls';
  /** The handshake that the client makes. */
  readonly tls?: ConnectionOptions;
  /** What is sent over HTTP/2, behind preface and settings; over TLS with ALPN. */
  readonly frames?: readonly Buffer[];
  /** How long to wait for what should come. Default 1 500. */
  readonly waitMs?: number;
  /** More than one connection: a second client sends this when the first one's is done; its answers follow. */
  readonly afterwards?: string;
}

/** Cases that are counted together. */
export interface EdgeClass {
  readonly name: string;
  /** How long backends may be silent, seconds. Default 1. */
  readonly backendS?: number;
  readonly cases: readonly EdgeCase[];
}
