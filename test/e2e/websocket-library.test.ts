import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { within } from '../support/until.ts';

/** WebSockets as applications use them: `ws` on both ends. */

describe('a library’s client and server', () => {
  let server: WebSocketServer;
  let own: RunningRouter;
  let seen: IncomingMessage;

  beforeAll(async () => {
    const http = createServer();
    server = new WebSocketServer({
      server: http,
      perMessageDeflate: { threshold: 10 },
      handleProtocols: (offered) => [...offered][1] ?? false,
    });
    server.on('connection', (socket, request) => {
      seen = request;
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    own = await startRouter(`legacy: http://127.0.0.1:${(http.address() as AddressInfo).port}\n`);
  });

  afterAll(async () => {
    await own.stop('SIGKILL');
    for (const client of server.clients) client.terminate();
    (server.options.server as ReturnType<typeof createServer>).close();
  });

  it('agree on subprotocol and compression, and see each other’s headers', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${own.port}/chat?room=1`, ['one', 'two'], {
      headers: { Authorization: 'Bearer x', Origin: 'https://shop.example', Cookie: 'a=1' },
      perMessageDeflate: { threshold: 10 },
    });
    await opened(socket);
    expect(socket.protocol).toBe('two');
    expect(socket.extensions).toBe('permessage-deflate');
    expect(seen.url).toBe('/chat?room=1');
    expect(seen.headers).toMatchObject({
      authorization: 'Bearer x',
      origin: 'https://shop.example',
      cookie: 'a=1',
      'x-forwarded-for': '127.0.0.1',
      via: '1.1 banyan',
    });
    socket.close(4001, 'bye');
    expect(
      await new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, String(reason)]))),
    ).toEqual([4001, 'bye']);
  });

  it('exchange 10 000 messages in order, large and small', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${own.port}/`, { perMessageDeflate: false });
    await opened(socket);
    const messages = Array.from({ length: 10_000 }, (_, i) =>
      i % 500 === 0 ? `${i}:${'x'.repeat(100_000)}` : `${i}`,
    );
    let next = 0;
    let wrong = 0;
    const done = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        if (String(data) !== messages[next++]) wrong += 1;
        if (next === messages.length) resolve();
      });
    });
    for (const message of messages) socket.send(message);
    await within(15_000, '10 000 echoes', done);
    expect(wrong).toBe(0);
    socket.terminate();
  });

  it('close from the server’s side with the server’s code', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${own.port}/`, { perMessageDeflate: false });
    await opened(socket);
    for (const client of server.clients) client.close(1012, 'restart');
    expect(await new Promise((resolve) => socket.once('close', (code) => resolve(code)))).toBe(1012);
  });
});

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
}
