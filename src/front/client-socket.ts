import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Peer } from '../model/request.ts';

/**
 * What a front's server asks of its sockets. Keep-alive probes find clients that went without a word (a laptop that was
 * shut, a NAT that forgot): nothing else would, on a tunnel or a stream that has nothing to say. With Linux's defaults
 * for their number and interval, such a connection is gone after some eleven minutes.
 */
export const CLIENT_SOCKETS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 } as const;

/**
 * How long a closed connection still takes what the client sends, so that it reads the answer before the reset that
 * unread bytes would cause (RFC 9112 section 9.6), ms.
 */
export const LINGER_MS = 2000;

/**
 * Reset before it was accepted: the system knows its address no more, and what it sent would reach backends as nobody's.
 */
export function isGone(socket: Socket): boolean {
  return socket.remoteAddress === undefined;
}

/** Reads the addresses of a socket's other end. */
export function peerOf(socket: Socket): Peer {
  const address = socket.remoteAddress ?? '';
  return {
    address: address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address,
    port: socket.remotePort ?? 0,
    secure: (socket as Partial<TLSSocket>).encrypted === true,
  };
}
