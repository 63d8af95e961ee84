import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenApart } from '../../src/forward/backend/open-apart.ts';
import { createAskApart } from '../../src/forward/http2/ask-apart.ts';
import { createCheckEndpoint } from '../../src/live/check-endpoint.ts';
import { LiveEndpoint } from '../../src/live/live-endpoint.ts';
import type { Backend, HealthCheck } from '../../src/model/route-table.ts';
import { VERSION } from '../../src/model/version.ts';
import { plainBackend } from '../support/plain-backend.ts';

const HEALTH: HealthCheck = {
  path: '/healthz?deep=1',
  intervalMs: 5_000,
  timeoutMs: 300,
  healthyAfter: 2,
  unhealthyAfter: 3,
  expect: [
    [200, 299],
    [401, 401],
  ],
};

let server: Server | null = null;
afterEach(() => new Promise((resolve) => server?.close(resolve) ?? resolve(null)));

/** A backend that answers each connection's first bytes with this text. */
async function backendThat(answer: (socket: Socket, request: string) => void): Promise<number> {
  const sockets = new Set<Socket>();
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (bytes) => answer(socket, bytes.toString()));
  });
  const closing = server;
  closing.on('close', () => sockets.clear());
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  return (closing.address() as { port: number }).port;
}

function check(port: number, changes: Partial<Backend> = {}, basePath = ''): Promise<string | null> {
  const url = { secure: false, host: 'orders', port, basePath };
  const endpoint = new LiveEndpoint('key', 'orders', { url, address: '127.0.0.1' });
  const backend = plainBackend('orders', [`http://orders:${port}`], changes);
  return new Promise((resolve) =>
    createCheckEndpoint(createOpenApart(), createAskApart())(endpoint, { backend, health: HEALTH }, resolve),
  );
}

const ok = (socket: Socket): void =>
  void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');

describe('a check', () => {
  it('is a GET in the way of requests, with a User-Agent of its own', async () => {
    let sent = '';
    const port = await backendThat((socket, request) => {
      sent = request;
      ok(socket);
    });
    expect(await check(port, {}, '/base')).toBe(null);
    expect(sent.split('\r\n')).toEqual([
      'GET /base/healthz?deep=1 HTTP/1.1',
      `Host: orders:${port}`,
      `User-Agent: banyan/${VERSION} (health check)`,
      'Accept: */*',
      'Connection: close',
      '',
      '',
    ]);
  });

  it('has the Host that the backend is given', async () => {
    let sent = '';
    const port = await backendThat((socket, request) => {
      sent = request;
      ok(socket);
    });
    expect(await check(port, { host: { kind: 'name', name: 'shop.example' } })).toBe(null);
    expect(sent).toContain('Host: shop.example\r\n');
  });

  it.each([
    ['HTTP/1.1 204 No Content\r\n\r\n', null],
    ['HTTP/1.0 200 OK\r\n\r\nbody without an end', null],
    ['HTTP/1.1 401 Unauthorized\r\n\r\n', null],
    ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', null],
    ['HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n', 'it answered 302'],
    ['HTTP/1.1 503 Service Unavailable\r\n\r\n', 'it answered 503'],
    ['HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 500 No\r\n\r\n', 'it answered 500'],
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', 'its answer is not HTTP/1.1'],
    ['HTTP/1.1 2', 'no answer within 300 ms'],
    ['HTTP/1.1 103 Early Hints\r\n\r\n', 'no answer within 300 ms'],
  ])('of %j says %j', async (answer, problem) => {
    const port = await backendThat((socket) => void socket.write(answer));
    expect(await check(port)).toBe(problem);
  });

  it('understands a status that comes byte by byte', async () => {
    const port = await backendThat(async (socket) => {
      for (const byte of 'HTTP/1.1 200 OK\r\n\r\n') {
        socket.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(await check(port)).toBe(null);
  });

  it('says what went wrong with the connection', async () => {
    const port = await backendThat((socket) => void socket.end());
    expect(await check(port)).toBe('it closed the connection without an answer');
    const gone = server as Server;
    await new Promise((resolve) => gone.close(resolve));
    expect(await check(port)).toContain('connect_refused: connect ECONNREFUSED');
  });
});
