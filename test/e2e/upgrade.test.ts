import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { residentBytes } from '../support/process-memory.ts';
import { RawBackend, type RawReply, type RawRequest, type Script } from '../support/raw-backend.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until } from '../support/until.ts';
import {
  acceptHandshake,
  echoFrames,
  frameBytes,
  handshake,
  OPCODE,
  RawWebSocket,
  readFrame,
} from '../support/websocket.ts';

/** Upgrades: 101 only when the backend gave it, then raw bytes both ways; everything else is a plain answer. */

let backend: RawBackend;
let router: RunningRouter;

beforeAll(async () => {
  backend = await RawBackend.start(echoFrames);
  router = await startRouter(`legacy:\n  url: ${backend.url}\n  timeouts:\n    idle: 300ms\n`);
});

beforeEach(() => backend.use(echoFrames));

afterAll(async () => {
  await router.stop('SIGKILL');
  await backend.stop();
});

/** The requests that the backend sees from here on. */
function fromHere(): { next(): Promise<RawRequest>; count(): number } {
  const from = backend.requests.length;
  return { next: () => backend.request(from), count: () => backend.requests.length - from };
}

/** A script of bytes alone: 101, then whatever `then` does. */
function tunnel(then: (reply: RawReply) => void | Promise<void>, protocol = 'tcp-echo'): Script {
  return (_, reply) => {
    reply.takeOver();
    reply.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
    return then(reply);
  };
}

function offer(protocol: string, lines: readonly string[] = []): string {
  return get('/up', ['Connection: Upgrade', `Upgrade: ${protocol}`, ...lines]);
}

describe('the handshake', () => {
  it('is answered 101 only when the backend did, with its fields; what came early is delivered first', async () => {
    const requests = fromHere();
    let accept: () => void = () => {};
    backend.use(async (request, reply) => {
      reply.takeOver();
      await new Promise<void>((resolve) => {
        accept = resolve;
      });
      acceptHandshake(request, reply, ['X-Own: 1', 'Set-Cookie: a=1', 'Set-Cookie: b=2']);
      const frame = await readFrame(reply.reader);
      reply.write(frameBytes(OPCODE.text, `got ${frame.payload}`));
    });
    const client = await RawClient.connect(router.port);
    client.send(Buffer.concat([Buffer.from(handshake()), frameBytes(OPCODE.text, 'early', { mask: true })]));
    const request = await requests.next();
    expect(request.header('connection')?.toLowerCase()).toBe('upgrade');
    expect(request.header('upgrade')).toBe('websocket');
    expect(client.socket.bytesRead).toBe(0);
    accept();
    const answer = await client.readAnswer();
    expect(answer.status).toBe(101);
    expect(answer.header('sec-websocket-accept')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(answer.header('x-own')).toBe('1');
    expect(answer.headerValues('set-cookie')).toEqual(['a=1', 'b=2']);
    expect((await readFrame(client.reader)).payload.toString()).toBe('got early');
    client.destroy();
  });

  it.each<[string, string, string]>([
    [
      '401 with a body',
      'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 6\r\n\r\ndenied',
      'denied',
    ],
    ['403 in chunks', 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n', 'no!'],
    ['200, the plain page', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage', 'page'],
    ['204', 'HTTP/1.1 204 None\r\n\r\n', ''],
  ])('refused passes whole: %s', async (_, bytes, body) => {
    backend.use((__, reply) => reply.write(bytes));
    const answer = await ask(router.port, handshake());
    expect([answer.status, answer.reason]).toEqual([
      Number(bytes.slice(9, 12)),
      /^\S+ \S+ (\S+)/.exec(bytes)?.[1],
    ]);
    expect(answer.text).toBe(body);
    expect(answer.complete).toBe(true);
    expect(answer.header('www-authenticate')).toBe(bytes.includes('WWW') ? 'Basic' : undefined);
  });

  it('refused: bytes that follow it are the next request, and never tunnelled to the backend', async () => {
    const requests = fromHere();
    backend.use((request, reply) => reply.send(request.header('upgrade') ? 403 : 200, [], request.target));
    const client = await RawClient.connect(router.port);
    client.send(handshake('/refused') + get('/next'));
    expect((await client.readAnswer()).status).toBe(403);
    expect((await client.readAnswer()).text).toBe('/next');
    client.send('no request at all\r\n\r\n');
    expect((await client.readAnswer()).status).toBe(400);
    await client.closed();
    // A request of another client, likely on the same connection to the backend, gets its own answer.
    for (let i = 0; i < 5; i++) expect((await ask(router.port, get(`/other/${i}`))).text).toBe(`/other/${i}`);
    expect(backend.requests.slice(-requests.count()).map(({ target }) => target)).toEqual([
      '/refused',
      '/next',
      ...[0, 1, 2, 3, 4].map((i) => `/other/${i}`),
    ]);
  });

  it('an answer 101 that nobody asked for is a bad response', async () => {
    backend.use(tunnel((reply) => reply.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'), 'foo'));
    const answer = await ask(router.port, get('/plain'));
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'bad_response' });
  });

  it('a dead backend is a 502, and the client that leaves before the 101 is gone for the backend too', async () => {
    const requests = fromHere();
    backend.use((_, reply) => reply.takeOver());
    const client = await RawClient.connect(router.port);
    client.send(handshake());
    const { gone } = await requests.next();
    const from = performance.now();
    client.reset();
    await gone;
    expect(performance.now() - from).toBeLessThan(100);
    backend.use((_, reply) => reply.reset());
    expect((await ask(router.port, handshake())).status).toBe(502);
  });

  it.each(['h2c', 'h2c, foo'])(
    'an offer of %s without the rest is answered as what it is',
    async (protocol) => {
      backend.use((request, reply) => reply.send(200, [], `plain ${request.header('upgrade') ?? 'request'}`));
      const answer = await ask(router.port, offer(protocol, ['HTTP2-Settings: AAMAAABkAAQAAP__']));
      expect(answer.status).toBe(200);
      expect(answer.text).toBe(protocol === 'h2c' ? 'plain request' : 'plain foo');
    },
  );
});

describe('the tunnel', () => {
  it('carries any protocol, any byte, with half closes passed on', async () => {
    backend.use(
      tunnel(async (reply) => {
        const all = await reply.reader.rest();
        reply.write(Buffer.from(all).reverse());
        reply.end();
      }),
    );
    const client = await RawClient.connect(router.port);
    client.send(offer('tcp-echo'));
    expect((await client.readAnswer()).header('upgrade')).toBe('tcp-echo');
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    for (let i = 0; i < 100; i++) client.send(bytes);
    client.end();
    const back = await client.reader.rest();
    expect(back.equals(Buffer.concat(Array(100).fill(Buffer.from(bytes).reverse())))).toBe(true);
    expect(await client.closed()).toBe('end');
  });

  it('a backend’s FIN reaches the client, which may still send', async () => {
    const heard: Buffer[] = [];
    backend.use(
      tunnel(async (reply) => {
        reply.write('last words');
        reply.end();
        heard.push(await reply.reader.rest());
      }),
    );
    const client = await RawClient.connect(router.port);
    client.send(offer('tcp-echo'));
    await client.readAnswer();
    expect((await client.reader.rest()).toString()).toBe('last words');
    client.send('I heard');
    client.end();
    await until(
      () => heard.length,
      (count) => count === 1,
    );
    expect(heard[0]!.toString()).toBe('I heard');
  });

  it('ends on both sides when either breaks, within 100 ms', async () => {
    const requests = fromHere();
    const socket = await RawWebSocket.open(router.port);
    const { gone } = await requests.next();
    let from = performance.now();
    socket.client.reset();
    await gone;
    expect(performance.now() - from).toBeLessThan(100);

    const other = await RawWebSocket.open(router.port);
    from = performance.now();
    backend.resetAll();
    await other.client.closed();
    expect(performance.now() - from).toBeLessThan(100);
    other.destroy();
  });

  it('is counted while it lives, may be silent longer than any idle limit, and is logged at its end', async () => {
    const labels = { route: '(default)', backend: 'legacy' };
    const active = (): Promise<number> => router.metric('banyan_upgrades_active', labels);
    await until(active, (count) => count === 0);
    const socket = await RawWebSocket.open(router.port, '/ws/logged');
    expect(await active()).toBe(1);
    await sleep(700);
    expect(await socket.echo('still here')).toBe('still here');
    socket.destroy();
    const line = await router.log((entry) => entry['path'] === '/ws/logged');
    expect(line).toMatchObject({ status: 101, failure: null, route: '(default)', attempts: 1 });
    expect(line['bytes_in']).toBe(frameBytes(1, 'still here', { mask: true }).length);
    expect(line['bytes_out']).toBe(frameBytes(1, 'still here').length);
    await until(active, (count) => count === 0);
  });

  it('a client that does not read holds the backend back, at constant memory', async () => {
    const size = 96 * 1024 * 1024;
    const piece = Buffer.alloc(256 * 1024, 7);
    let written = 0;
    backend.use(
      tunnel(async (reply) => {
        while (written < size && !reply.socket.destroyed) {
          written += piece.length;
          if (!reply.socket.write(piece))
            await new Promise<void>((resolve) => reply.socket.once('drain', resolve));
        }
        reply.end();
      }),
    );
    const before = await residentBytes(router.pid);
    const client = await RawClient.connect(router.port);
    client.send(offer('tcp-echo'));
    await client.readHead();
    const stalled = await until(
      async () => {
        const was = written;
        await sleep(200);
        return was === written ? was : -1;
      },
      (bytes) => bytes > 0,
      { withinMs: 10_000, what: 'a stall' },
    );
    expect(stalled).toBeLessThan(size / 2);
    expect((await residentBytes(router.pid)) - before).toBeLessThan(32 * 1024 * 1024);
    let received = 0;
    let wrong = 0;
    for (;;) {
      const bytes = await client.reader.some().catch(() => null);
      if (bytes === null) break;
      received += bytes.length;
      if (bytes.some((byte) => byte !== 7)) wrong += 1;
    }
    expect([received, wrong]).toEqual([size, 0]);
    client.destroy();
  });
});
