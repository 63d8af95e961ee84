import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { OpenConnection } from '../../model/ports.ts';
import { KnownTlsSettings } from './tls-settings.ts';
import { failSoon, watchConnecting } from './watch-connecting.ts';

/**
 * Connections for health checks: to where the backend's requests go and with its TLS settings, but apart from their
 * pools, so that a check waits for nobody and nobody for a check.
 */
export function createOpenApart(): OpenConnection {
  const known = new KnownTlsSettings();
  return (endpoint, { backend, timeoutMs }, told) => {
    const address = { host: endpoint.address, port: endpoint.port, noDelay: true };
    try {
      const tls = known.of(endpoint, backend);
      const socket =
        tls === null
          ? connectTcp(address)
          : connectTls({ ...address, ...tls.options(endpoint.hostname), ALPNProtocols: ['http/1.1'] });
      const connecting = { secure: tls !== null, timeoutMs };
      return watchConnecting(socket, connecting, {
        connected: () => told.connected(socket),
        failed: (failure, message) => told.failed(failure, message),
      });
    } catch (error) {
      return failSoon(error, told);
    }
  };
}
