import type { Socket } from 'node:net';
import type { Failure } from '../../model/failure.ts';

/** How a socket becomes one that can be used. */
export interface Connecting {
  /** Nothing is sent before the handshake of TLS. */
  readonly secure: boolean;
  /** 0: no limit. */
  readonly timeoutMs: number;
}

/** What became of one try to connect. */
export interface Watched {
  connected(): void;
  /** `connect_refused`, `connect_timeout`, `tls`, `over_capacity` (no file descriptor of our own was left). */
  failed(failure: Failure, message: string): void;
}

/** Tells once what becomes of a socket that connects; the returned function gives up, and then nothing is told. */
export function watchConnecting(
  socket: Socket,
  { secure, timeoutMs }: Connecting,
  result: Watched,
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
    fail(failureOf(error, tcpConnected && secure), error.message);
  const onClose = (): void =>
    fail(tcpConnected && secure ? 'tls' : 'connect_refused', 'closed while connecting');
  const ready = secure ? 'secureConnect' : 'connect';
  socket.once('connect', () => {
    tcpConnected = true;
  });
  socket.on(ready, onReady);
  socket.on('error', onError);
  socket.on('close', onClose);
  const timer =
    timeoutMs > 0
      ? setTimeout(() => fail('connect_timeout', `no connection within ${timeoutMs} ms`), timeoutMs)
      : undefined;
  return giveUp;
}

/** Which failure an error while connecting is. */
function failureOf(error: NodeJS.ErrnoException, handshaking: boolean): Failure {
  if (error.code === 'EMFILE' || error.code === 'ENFILE') return 'over_capacity';
  if (handshaking) return 'tls';
  return error.code === 'ETIMEDOUT' ? 'connect_timeout' : 'connect_refused';
}

/**
 * The same where no socket could be made: certificate files that cannot be read, or an impossible address. Told in a
 * turn of its own, as everything is.
 */
export function failSoon(error: unknown, { failed }: Pick<Watched, 'failed'>): () => void {
  const soon = setImmediate(() => failed('tls', (error as Error).message));
  return () => clearImmediate(soon);
}
