import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Failure } from '../../model/failure.ts';
import type { Endpoint } from '../../model/ports.ts';
import type { BackendTls } from '../../model/route-table.ts';
import { Intake } from './intake.ts';

/**
 * Opens connections: TCP, and TLS where the url says https. A certificate is verified against the system's roots (and
 * the backend's `ca`) and the url's host, or `server_name`; only `insecure: true` turns that off.
 */

/** What became of one try to connect. */
export interface ConnectResult {
  connected(socket: Socket, intake: Intake): void;
  /** `connect_refused`, `connect_timeout`, `tls`, `over_capacity` (no file descriptor of our own was left). */
  failed(failure: Failure, message: string): void;
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
    // Unreadable certificate files, or an impossible address.
    const message = (error as Error).message;
    queueMicrotask(() => result.failed('tls', message));
    return () => {};
  }
  if (options.tls !== null) intake.readStream(socket);
  return watchConnecting(socket, options, {
    connected: () => result.connected(socket, intake),
    failed: (failure, message) => result.failed(failure, message),
  });
}

function watchConnecting(
  socket: Socket,
  options: { tls: TlsSettings | null; connectTimeoutMs: number },
  result: { connected(): void; failed: ConnectResult['failed'] },
): () => void {
  let tcpConnected = false;
  const settle = (): void => {
    clearTimeout(timer);
    socket.off('error', onError);
    socket.off('close', onClose);
    socket.off(ready, onReady);
  };
  const giveUp = (): void => {
    settle();
    // A late error of a socket that nobody waits for any more must not become an uncaught exception.
    socket.on('error', () => {});
    socket.destroy();
  };
  const fail = (failure: Failure, message: string): void => {
    giveUp();
    result.failed(failure, message);
  };
  const onReady = (): void => {
    settle();
    result.connected();
  };
  const onError = (error: NodeJS.ErrnoException): void =>
    fail(failureOf(error, tcpConnected && options.tls !== null), error.message);
  const onClose = (): void =>
    fail(tcpConnected && options.tls !== null ? 'tls' : 'connect_refused', 'closed while connecting');
  const ready = options.tls === null ? 'connect' : 'secureConnect';
  socket.once('connect', () => {
    tcpConnected = true;
  });
  socket.on(ready, onReady);
  socket.on('error', onError);
  socket.on('close', onClose);
  const timer =
    options.connectTimeoutMs > 0
      ? setTimeout(
          () => fail('connect_timeout', `no connection within ${options.connectTimeoutMs} ms`),
          options.connectTimeoutMs,
        )
      : undefined;
  return giveUp;
}

/** Which failure an error while connecting is. */
function failureOf(error: NodeJS.ErrnoException, handshaking: boolean): Failure {
  if (error.code === 'EMFILE' || error.code === 'ENFILE') return 'over_capacity';
  if (handshaking) return 'tls';
  return error.code === 'ETIMEDOUT' ? 'connect_timeout' : 'connect_refused';
}

/** A backend's TLS settings, its files read once. */
export class TlsSettings {
  private context: SecureContext | null = null;
  private readonly tls: BackendTls;

  constructor(tls: BackendTls) {
    this.tls = tls;
  }

  /** Options for `tls.connect` to a url's host. @throws when a file cannot be read or is no certificate or key. */
  options(hostname: string): {
    secureContext: SecureContext;
    servername: string;
    rejectUnauthorized: boolean;
  } {
    this.context ??= createSecureContext({
      ...(this.tls.caFile === null
        ? {}
        : { ca: [...rootCertificates, readFileSync(this.tls.caFile, 'utf8')] }),
      ...(this.tls.certFile === null ? {} : { cert: readFileSync(this.tls.certFile) }),
      ...(this.tls.keyFile === null ? {} : { key: readFileSync(this.tls.keyFile) }),
      minVersion: 'TLSv1.2',
    });
    const name = this.tls.serverName ?? hostname;
    return {
      secureContext: this.context,
      // SNI carries names only (RFC 6066 section 3); an address is still checked against the certificate.
      servername: isIP(name) === 0 ? name : '',
      rejectUnauthorized: !this.tls.insecure,
    };
  }
}
