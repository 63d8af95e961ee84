import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { CertificateSet } from '../../model/certificate.ts';
import type { Peer } from '../../model/request.ts';
import { isGone } from '../client-socket.ts';
import { Handshake, type HandshakeTold } from './handshake.ts';
import { SecureServers } from './secure-servers.ts';

/** What a door is made of. */
export interface TlsDoorOptions {
  /** ALPN names, the preferred first. A client that offers others alone is refused (RFC 7301 section 3.2). */
  readonly protocols: readonly string[];
  readonly secured: (handshake: Handshake, socket: TLSSocket) => void;
  readonly told: Omit<HandshakeTold, 'hello'>;
}

/** Makes TLS of connections that a front has accepted. */
export class TlsDoor {
  readonly #options: TlsDoorOptions;
  readonly #servers: SecureServers;
  /** By the addresses of both ends, since what node:tls hands over does not say on which socket it was made. */
  readonly #begun = new Map<string, Handshake>();

  constructor(options: TlsDoorOptions) {
    this.#options = options;
    this.#servers = new SecureServers(options.protocols, (socket) => this.#onSecure(socket));
  }

  /** Replaces the certificates, for handshakes from here on. @throws OpenSSL's error; then nothing has changed */
  use(set: CertificateSet): void {
    this.#servers.use(set);
  }

  /** Takes a connection that was just accepted. `deadline`: when it has to be secure, by `performance.now()`. */
  begin(socket: Socket, peer: Peer, deadline: number): Handshake {
    const { told } = this.#options;
    const key = keyOf(socket);
    const closed = (handshake: Handshake): void => {
      this.#begun.delete(key);
      told.closed(handshake);
    };
    const hello = (handshake: Handshake, serverName: string | null): void => {
      this.#begun.set(key, handshake);
      this.#servers.of(serverName)?.emit('connection', socket);
    };
    const how = { ...told, closed, hello };
    return new Handshake(socket, { peer, deadline, told: how });
  }

  #onSecure(socket: TLSSocket): void {
    const key = keyOf(socket);
    const handshake = this.#begun.get(key);
    this.#begun.delete(key);
    if (handshake === undefined || isGone(socket)) {
      socket.destroy();
      return;
    }
    handshake.secured();
    this.#options.secured(handshake, socket);
  }
}

function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
