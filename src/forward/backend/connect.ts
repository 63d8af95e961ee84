import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Endpoint } from '../../model/ports.ts';
import { Intake } from './intake.ts';
import type { TlsSettings } from './tls-settings.ts';
import { failSoon, type Watched, watchConnecting } from './watch-connecting.ts';

/**
 * Opens connections: TCP, and TLS where the url says https. A certificate is verified against the system's roots (and
 * the backend's `ca`) and the url's host, or `server_name`; only `insecure: true` turns that off.
 */

/** What became of one try to connect. */
export interface ConnectResult extends Pick<Watched, 'failed'> {
  connected(socket: Socket, intake: Intake): void;
}

/** Starts to connect; the returned function gives up, and then neither callback is called. */
export function openConnection(
  endpoint: Endpoint,
  options: {
    readonly tls: TlsSettings | null;
    readonly connectTimeoutMs: number;
    readonly readBuffer: Buffer;
    /** What is asked for over TLS (ALPN, RFC 7301); HTTP/1.1 by default. */
    readonly protocol?: 'h2';
  },
  result: ConnectResult,
): () => void {
  const intake = new Intake(options.readBuffer);
  const address = {
    host: endpoint.address,
    port: endpoint.port,
    noDelay: true,
    keepAlive: true,
    // A tunnel passes half closes on; for everything else a connection ends with the backend's FIN (connection.ts).
    allowHalfOpen: true,
  };
  let socket: Socket;
  try {
    socket =
      options.tls === null
        ? connectTcp({ ...address, onread: intake.onread })
        : connectTls({
            ...address,
            ...options.tls.options(endpoint.hostname),
            ALPNProtocols: [options.protocol ?? 'http/1.1'],
          });
  } catch (error) {
    return failSoon(error, result);
  }
  if (options.tls !== null) intake.readStream(socket);
  const connecting = { secure: options.tls !== null, timeoutMs: options.connectTimeoutMs };
  return watchConnecting(socket, connecting, {
    connected: () => result.connected(socket, intake),
    failed: (failure, message) => result.failed(failure, message),
  });
}
