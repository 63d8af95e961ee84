import type { Duplex } from 'node:stream';
import type { CertificateSet } from './certificate.ts';
import type { Failure } from './failure.ts';
import type { HeaderList } from './header-list.ts';
import type { HeldBytes } from './held-bytes.ts';
import type { Peer, RequestHead, RequestTraits } from './request.ts';

/**
 * The port between a front and everything after it. A front turns bytes from a client into a ClientExchange; what is
 * done with it exists once. Callbacks, not streams: a front reads a socket, `forward` writes to another, and nothing
 * is allocated in between that need not be.
 *
 *   front                                 forward
 *   ─────                                 ───────
 *   handle(exchange) ───────────────────▶ reads head, traits, peer
 *   body.read(receiver) ◀──────────────── when it is ready for the body (never before: Expect, holds, queues)
 *   receiver.chunk / end / fail ────────▶ pause() and resume() push back
 *   answer.head / chunk / end ◀────────── chunk() → false: wait for answer.onDrain
 *   answer.cut ◀───────────────────────── after the head was sent: the client must see a broken answer
 *   onClientGone ───────────────────────▶ cancels all backend work
 */
export interface ClientExchange {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly peer: Peer;
  /** `performance.now()` when the head's first byte was read, in ms; of the head's last byte where it can't be known. */
  readonly startedAt: number;
  /** Value of the Upgrade field if the client asked for another protocol and the front can hand over its socket. */
  readonly upgrade: string | null;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expectsContinue: boolean;
  readonly body: RequestBody;
  readonly answer: AnswerSink;
  /** For who watches an exchange on its way (fronts leave it out): another side is asked than the one decided on. */
  otherSideAsked?(): void;
  /** Set by the one who handles the exchange; called at most once, when the client left before the answer's end. */
  onClientGone: (() => void) | null;
}

/** The body of a request, read when its receiver is ready. */
export interface RequestBody {
  /** Bytes by Content-Length; null: chunked, not known before its end; 0: no body. */
  readonly length: number | null;
  /**
   * Starts the flow. At most once; it may call the receiver before it returns. Without it the front discards the body,
   * or closes the connection, at the answer's end. After the answer's end the receiver hears nothing more.
   */
  read(receiver: BodyReceiver): void;
  pause(): void;
  resume(): void;
}

/** Takes a request's body. After `end` or `fail` nothing more comes. */
export interface BodyReceiver {
  /**
   * The bytes are the receiver's until it returns: it writes them out or copies them. If it pauses the body meanwhile,
   * those of more than {@link COPIED_BYTES} are its own until it resumes it.
   */
  chunk(bytes: Buffer): void;
  end(trailers: HeaderList): void;
  /** `malformed_request`, `header_too_large` (its trailers), `request_timeout`, `client_closed`. */
  fail(failure: Failure): void;
}

/** The head of an answer as it goes to the client: end-to-end fields only, in order. */
export interface AnswerHead {
  readonly status: number;
  /** Reason phrase as it came; may be ''. */
  readonly reason: string;
  /** Without Transfer-Encoding and other hop-by-hop fields. Content-Length stands where it came, if it was given. */
  readonly headers: HeaderList;
  /**
   * The same fields as lines, each with its CRLF, where they are at hand: with one Content-Length, and without Upgrade.
   * Then `headers` may cost something, and a front that writes lines need not ask for it.
   */
  readonly lines?: string;
  /** Bytes of the body that follows; null: not known before its end, so the front frames it (chunked, or by closing). */
  readonly bodyLength: number | null;
}

/** Copying that much costs less than to keep it where it is. */
export const COPIED_BYTES = 4 * 1024;

/** The way back to the client. */
export interface AnswerSink {
  /** 1xx but 101. A front whose client cannot take it (HTTP/1.0) leaves it out. */
  informational(status: number, reason: string, headers: HeaderList): void;
  /** Once, before chunks. For HEAD, 204 and 304 `bodyLength` is 0 whatever Content-Length says. */
  head(head: AnswerHead): void;
  /**
   * False: no more until `onDrain`. Pieces of up to {@link COPIED_BYTES} are copied; a larger one is the caller's again
   * when this returns true, else it is lent until `onDrain` or the exchange's end.
   */
  chunk(bytes: Buffer): boolean;
  /** `onFinish` may be called before it returns. */
  end(trailers: HeaderList): void;
  /** What is handed over from here to `uncork` may leave in one piece: all that was read of a backend at once. */
  cork(): void;
  uncork(): void;
  /**
   * Answers with a problem (RFC 9457), with these fields too, instead of a head. Once, and only before `head`. Returns bytes of its body;
   * `onFinish` is called later.
   */
  fail(failure: Failure, requestId: string, fields?: HeaderList): number;
  /** Breaks the connection (HTTP/2: resets the stream), so that the client sees that its answer is not whole. */
  cut(): void;
  /**
   * 101: writes this head and hands the connection over, with what the client had already sent after its head.
   * Only for an exchange with `upgrade`. The head holds Upgrade; `Connection: upgrade` is added when it holds none.
   * The exchange is over with that: neither onFinish nor onClientGone is called any more, and the socket (no listeners
   * of the front's left but for counting) belongs to the caller, who ends it.
   */
  switchProtocols(head: AnswerHead): { readonly socket: Duplex; readonly early: Buffer };
  /** Called when more chunks may come. Set by the one who handles the exchange. */
  onDrain: (() => void) | null;
  /**
   * Called once, when the last byte of the answer was handed to the kernel, or the connection was lost or cut (after
   * onClientGone, if that was due): the exchange is over.
   */
  onFinish: (() => void) | null;
}

/** What a front calls for each request that it could read. Never throws. */
export type ExchangeHandler = (exchange: ClientExchange) => void;

/** What a front says of a request that was refused before it could become an exchange. */
export interface Rejection {
  readonly failure: Failure;
  readonly peer: Peer | null;
  /** What is known of the request line; null if nothing could be read. */
  readonly method: string | null;
  readonly target: string | null;
  readonly requestId: string;
  readonly startedAt: number;
  readonly userAgent: string | null;
  /** Bytes of the answer's body; absent where none was sent. */
  readonly bytesOut?: number;
}

/** Limits of what clients may send and hold open. Milliseconds, bytes; 0 connections is no limit. */
export interface FrontLimits {
  /** Request line and fields together: 431 above it. */
  readonly maxHeaderBytes: number;
  /** Number of fields: 431 above it. */
  readonly maxHeaders: number;
  /** The request-target: 414 above it. */
  readonly maxUrlBytes: number;
  /** From a head's first byte to its last: 408. */
  readonly headerTimeoutMs: number;
  /** Between two pieces of a body while it is being read (408), and while a client takes nothing of its answer (cut). */
  readonly bodyTimeoutMs: number;
  /** An idle connection is closed after it. */
  readonly keepAliveMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Where a front writes what nobody expected. Fits pino. */
export interface FrontLogger {
  error(fields: object, message: string): void;
}

/** What a front is made of. */
export interface FrontOptions {
  readonly handler: ExchangeHandler;
  /** Told of each request that was refused before it could become an exchange, after it was answered. */
  readonly onRejected: (rejection: Rejection) => void;
  readonly limits: FrontLimits;
  readonly newRequestId: () => string;
  readonly logger: FrontLogger;
  /** What everyone holds together. Default: not counted. */
  readonly heldBytes?: HeldBytes;
}

/** What speaks to clients. */
export interface Front {
  /** Begins to accept connections. @throws (rejects) with the system's error when the port is taken. */
  listen(host: string, port: number): Promise<{ readonly address: string; readonly port: number }>;
  /**
   * Stops accepting; answers from here on say `Connection: close`, idle connections are closed after a moment in which
   * a request that is already on its way may arrive. Resolves when no connection is left, tunnels included.
   */
  drain(): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
  /** Connections open now, tunnels included. */
  readonly connections: number;
}

/** A front that speaks TLS as well. */
export interface SecureFront extends Front {
  /** Begins to accept connections that speak TLS, beside those of `listen`. Certificates must be there. @throws as `listen` */
  listenTls(host: string, port: number): Promise<{ readonly address: string; readonly port: number }>;
  /** Replaces the certificates, for handshakes from here on. @throws OpenSSL's error; then the former ones stay */
  useCertificates(set: CertificateSet): void;
}
