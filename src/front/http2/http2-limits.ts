import type { FrontLimits } from '../../model/exchange.ts';
import type { BlockLimits } from '../../model/http2/header-blocks.ts';
import type { AllowanceTerms } from './allowance.ts';

/**
 * What one client may have and do on a connection of HTTP/2, beside the limits that hold for every front. No settings:
 * what honest clients do stays far below, and nothing of it is a matter of taste (docs/fronts.md has the table).
 */

/** Streams at a time; one more is refused, unread, and may be sent again (RFC 9113 section 5.1.2). */
export const MAX_STREAMS = 100;

/** Bytes of one request's body that may come before somebody takes them. */
export const STREAM_WINDOW = 256 * 1024;
/** The same of all requests of a connection: no more of a client's bodies is ever kept. */
export const CONNECTION_WINDOW = 1024 * 1024;

/**
 * Streams that end before they are answered, through the client's fault: it reset them (CVE-2023-44487), or did what
 * makes the router reset them (CVE-2025-8671). Each answered one allows another.
 */
export const UNANSWERED: AllowanceTerms = { most: 200, perSecond: 20 };

/**
 * Frames that carry nothing of a request: SETTINGS, PING, PRIORITY, WINDOW_UPDATE, empty DATA, unknown ones. Whoever is
 * sent bodies has cause for more.
 */
export const CHATTER: AllowanceTerms = { most: 1000, perSecond: 100 };
/** A WINDOW_UPDATE for the stream, one for the connection. */
export const CHATTER_PER_DATA_FRAME = 2;

/**
 * A call of gRPC that asks by a stream may pause for so many times `--body-timeout` before its answer has begun, and for ever
 * afterwards: messages come when there is something to say.
 */
export const CALL_PATIENCE = 10;

/** Bytes that wait for a client to read them, above which nothing is read from it: answers to its PINGs, say. */
export const UNSENT_BYTES = 256 * 1024;

/**
 * Header blocks as they are sent: the fields may be compressed, but need not be. Twice the limit, so that who is just above
 * it hears so in an answer; and frames that hold next to nothing are not gone through one by one (CVE-2024-27316).
 */
export function blockLimits({ maxHeaderBytes }: FrontLimits): BlockLimits {
  return { mostBytes: 2 * maxHeaderBytes + 1024, mostFrames: 8 + Math.ceil(maxHeaderBytes / 1024) };
}
