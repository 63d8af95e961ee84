import type { Socket } from 'node:net';
import type { StallWatch } from './stall-watch.ts';

/** A request has this long before its client may be called slow, ms. */
export const PATIENCE_MS = 3_000;
/** Bytes of a body that a client brings in a second at least; Apache's mod_reqtimeout asks for 500 by default. */
export const LEAST_BYTES_PER_S = 500;
/** How long a client may take for the piece of its answer that it was last given (some 64 KiB), ms. */
export const MOST_MS_PER_PIECE = 10_000;

/**
 * Whether it is the client that keeps a request from ending: its body hardly comes, or it hardly takes its answer. Asked
 * only where there are as many connections as there may be, to find who makes room for others.
 */
export function isSlow(of: {
  readonly exchange: { readonly startedAt: number; readonly wantsBody: boolean };
  readonly stall: StallWatch;
  readonly socket: Socket;
  readonly now: number;
}): boolean {
  const { exchange, stall, socket, now } = of;
  if (stall.blockedMs(now) > MOST_MS_PER_PIECE) return true;
  const tookMs = now - exchange.startedAt;
  return (
    exchange.wantsBody && tookMs > PATIENCE_MS && socket.bytesRead < (tookMs / 1_000) * LEAST_BYTES_PER_S
  );
}
