import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionTold, OpenConnection } from '../../model/ports.ts';
import type { BackendTls } from '../../model/route-table.ts';
import { TlsSettings } from './connect.ts';

/**
 * Connections for health checks: to where the backend's requests go and with its TLS settings, but apart from their
 * pools, so that a check waits for nobody and nobody for a check.
 */
export function createOpenApart(): OpenConnection {
  const known = new WeakMap<BackendTls, TlsSettings>();
  const settingsOf = (tls: BackendTls): TlsSettings => {
    const settings = known.get(tls) ?? new TlsSettings(tls);
    known.set(tls, settings);
    return settings;
  };
  return (endpoint, { backend, timeoutMs }, told) => {
    const address = { host: endpoint.address, port: endpoint.port, noDelay: true };
    try {
      if (!endpoint.secure) return watch(connectTcp(address), 'connect', { timeoutMs, told });
      const options = settingsOf(backend.tls).options(endpoint.hostname);
      const socket = connectTls({ ...address, ...options, ALPNProtocols: ['http/1.1'] });
      return watch(socket, 'secureConnect', { timeoutMs, told });
    } catch (error) {
      // Unreadable certificate files.
      const timer = setImmediate(() => told.failed('tls', (error as Error).message));
      return () => clearImmediate(timer);
    }
  };
}

function watch(
  socket: Socket,
  ready: 'connect' | 'secureConnect',
  { timeoutMs, told }: { readonly timeoutMs: number; readonly told: ConnectionTold },
): () => void {
  let isTcpConnected = false;
  const settle = (): void => {
    clearTimeout(timer);
    socket.off('error', onError);
    socket.off('close', onClose);
    socket.off(ready, onReady);
  };
  const giveUp = (): void => {
    settle();
    // A late error of a socket that nobody waits for must not become an uncaught exception.
    socket.on('error', () => {});
    socket.destroy();
  };
  const fail = (message: string): void => {
    giveUp();
    told.failed(isTcpConnected ? 'tls' : 'connect_refused', message);
  };
  const onError = (error: Error): void => fail(error.message);
  const onClose = (): void => fail('closed while connecting');
  const onReady = (): void => {
    settle();
    told.connected(socket);
  };
  const timer = setTimeout(() => {
    giveUp();
    told.failed('connect_timeout', `no connection within ${timeoutMs} ms`);
  }, timeoutMs).unref();
  socket.once('connect', () => {
    isTcpConnected = true;
  });
  socket.on('error', onError);
  socket.on('close', onClose);
  socket.on(ready, onReady);
  return giveUp;
}
