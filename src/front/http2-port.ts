import type { TLSSocket } from 'node:tls';
import type { Peer } from '../model/request.ts';
import type { Held } from './held.ts';

/**
 * The port between the wire front, which accepts connections, counts them and speaks TLS, and what serves those whose
 * handshake agreed on `h2`. The wire front holds such a connection until its socket is closed, and does nothing else
 * with it but destroy it at its own end.
 */
export interface Http2Server {
  /**
   * Takes over a connection: reads, answers, closes it, and has its own time limits and its own way to drain. `peer.secure`
   * is true. What comes back is for counting it, and for the places that it may have to give up.
   */
  serve(socket: TLSSocket, peer: Peer): Held;
  /** GOAWAY on every connection, and on those that come later; each closes when its last stream has ended. */
  drain(): void;
}
