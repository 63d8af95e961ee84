import { createServer, type Server } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenApart } from '../../../src/forward/backend/open-apart.ts';
import type { Endpoint } from '../../../src/model/ports.ts';
import type { BackendTls } from '../../../src/model/route-table.ts';
import { Authority } from '../../support/certificates.ts';
import { plainBackend } from '../../support/plain-backend.ts';

/** Connections for health checks: with the TLS settings of the backend's requests. */

const PLAIN: BackendTls = { caFile: null, certFile: null, keyFile: null, serverName: null, insecure: false };
let authority: Authority;
let server: Server;
let port: number;

beforeAll(async () => {
  authority = new Authority();
  server = createServer(authority.issue('orders.internal', ['DNS:orders.internal', 'IP:127.0.0.1']));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const open = createOpenApart();

function endpointAt(at: number, secure: boolean): Endpoint {
  return { address: '127.0.0.1', port: at, secure, hostname: '127.0.0.1' } as Endpoint;
}

/** `connected`, or the failure. */
function tryTo(at: number, tls: Partial<BackendTls> | null, timeoutMs = 5_000): Promise<string> {
  const backend = plainBackend('orders', ['https://orders'], { tls: { ...PLAIN, ...tls } });
  return new Promise((resolve) => {
    open(
      endpointAt(at, tls !== null),
      { backend, timeoutMs },
      {
        connected(socket) {
          socket.destroy();
          resolve('connected');
        },
        failed: (failure, message) => resolve(`${failure}: ${message}`),
      },
    );
  });
}

describe('a connection apart', () => {
  it('is made where the certificate is the one that is wanted', async () => {
    const ca = { caFile: authority.own.certFile };
    expect(await tryTo(port, ca)).toBe('connected');
    expect(await tryTo(port, { ...ca, serverName: 'orders.internal' })).toBe('connected');
    expect(await tryTo(port, { insecure: true })).toBe('connected');
  });

  it('fails with tls where it is not, or where a file cannot be read', async () => {
    expect(await tryTo(port, {})).toMatch(/^tls: /);
    expect(await tryTo(port, { caFile: authority.own.certFile, serverName: 'other' })).toMatch(/^tls: /);
    expect(await tryTo(port, { caFile: '/does/not/exist' })).toMatch(/^tls: ENOENT/);
  });

  it('is refused, or late', async () => {
    const gone = net.createServer();
    const at = await new Promise<number>((resolve) =>
      gone.listen(0, '127.0.0.1', () => resolve((gone.address() as AddressInfo).port)),
    );
    await new Promise((resolve) => gone.close(resolve));
    expect(await tryTo(at, null)).toMatch(/^connect_refused: /);
    // Accepts, and never says a word of TLS.
    const silent = net.createServer((socket) => socket.on('error', () => {}).resume());
    const silentAt = await new Promise<number>((resolve) =>
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port)),
    );
    expect(await tryTo(silentAt, {}, 100)).toBe('connect_timeout: no connection within 100 ms');
    await new Promise((resolve) => silent.close(resolve));
  });

  it('that is given up tells nothing', async () => {
    const backend = plainBackend('orders', ['http://orders']);
    let told = 0;
    const count = (): void => void told++;
    const giveUp = open(
      endpointAt(port, false),
      { backend, timeoutMs: 50 },
      { connected: count, failed: count },
    );
    giveUp();
    expect(await tryTo(port, null)).toBe('connected');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(told).toBe(0);
  });
});
