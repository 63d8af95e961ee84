import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ForwardBench } from '../forward-bench.ts';

/** Backends that speak HTTP/2 as node:http2 does. */

type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface Bench {
  readonly bench: ForwardBench;
  readonly sessions: () => number;
}

async function benchWith(serve: Serve, options: Parameters<typeof createServer>[0] = {}): Promise<Bench> {
  const server: Http2Server = createServer(options);
  let sessions = 0;
  const live = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions++;
    live.add(session);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    serve(stream, headers as IncomingHttpHeaders);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const bench = new ForwardBench([], { ports: [port], backend: { http2: true } });
  open.push({
    close() {
      bench.pools.close();
      for (const session of live) session.destroy();
      server.close();
    },
  });
  return { bench, sessions: () => sessions };
}

function withResolve<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function bodyOf(stream: ServerHttp2Stream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

describe('a backend that speaks HTTP/2', () => {
  it('gets what HTTP/1.1 would have said, and its answer goes back', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const { bench } = await benchWith((stream, headers) => {
      seen.push(headers);
      stream.respond({ ':status': 200, 'content-type': 'text/plain', 'x-one': ['a', 'b'] });
      stream.end('hello');
    });
    const { answer } = await bench.send({
      target: '/a?b=1',
      headers: [
        'Host',
        'shop.test',
        'X-Thing',
        '1',
        'Connection',
        'x-gone',
        'X-Gone',
        '1',
        'TE',
        'gzip, trailers',
      ],
    });
    expect(answer.text).toBe('hello');
    expect(answer.status).toBe(200);
    expect(answer.headOfAnswer?.reason).toBe('OK');
    expect(answer.headOfAnswer?.headers.slice(0, 6)).toEqual([
      'content-type',
      'text/plain',
      'x-one',
      'a',
      'x-one',
      'b',
    ]);
    const [headers = {}] = seen;
    expect(headers).toMatchObject({
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': 'shop.test',
      ':path': '/a?b=1',
      'x-thing': '1',
      te: 'trailers',
      via: '1.1 banyan',
    });
    expect(headers).not.toHaveProperty('x-gone');
    expect(headers).not.toHaveProperty('host');
    expect(headers).not.toHaveProperty('connection');
  });

  it('takes a body with trailers, and answers with both', async () => {
    const { bench } = await benchWith((stream) => {
      const trailers = new Promise((resolve) => stream.on('trailers', resolve));
      void Promise.all([bodyOf(stream), trailers]).then(([body, said]) => {
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-said': JSON.stringify(said) }));
        stream.end(body);
      });
    });
    const headers = ['Host', 'shop.test', 'Transfer-Encoding', 'chunked'];
    const request = { method: 'POST', headers, body: ['he', 'llo'], length: null, trailers: ['X-Sum', '7'] };
    const { answer } = await bench.send(request);
    expect(answer.text).toBe('hello');
    expect(answer.trailers).toEqual(['x-said', '{"x-sum":"7"}']);
  });

  it('takes and gives bodies that are larger than any window', async () => {
    const { bench } = await benchWith((stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    const body = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i).repeat(100_000));
    const { answer } = await bench.send({ method: 'POST', body });
    expect(answer.text === body.join('')).toBe(true);
  });

  it('carries many exchanges on one connection', async () => {
    const { bench, sessions } = await benchWith((stream, headers) => {
      stream.respond({ ':status': 200 });
      setImmediate(() => stream.end(headers[':path'] as unknown as string));
    });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => bench.send({ target: `/${i}` })));
    expect(answers.map(({ answer }) => answer.text)).toEqual(answers.map((_, i) => `/${i}`));
    expect(sessions()).toBe(1);
    expect(bench.endpoints.inFlight).toBe(0);
  });

  it('never has more of them at a time than it allows', async () => {
    let now = 0;
    let most = 0;
    const { bench, sessions } = await benchWith(
      (stream) => {
        most = Math.max(most, ++now);
        stream.respond({ ':status': 200 });
        setTimeout(() => {
          now--;
          stream.end('x');
        }, 5);
      },
      { settings: { maxConcurrentStreams: 3 } },
    );
    const answers = await Promise.all(Array.from({ length: 200 }, () => bench.send()));
    expect(answers.every(({ answer }) => answer.text === 'x')).toBe(true);
    expect(most).toBeLessThanOrEqual(3 * sessions());
    expect(sessions()).toBeLessThanOrEqual(16);
  });

  it('is held back by a client that takes nothing, and serves others on the same connection', async () => {
    let written = 0;
    const { bench, sessions } = await benchWith((stream, headers) => {
      stream.respond({ ':status': 200 });
      if ((headers[':path'] as unknown as string) !== '/big') {
        stream.end('small');
        return;
      }
      const write = (): void => {
        while (written < 4_000_000) {
          written += 16_000;
          if (!stream.write(Buffer.alloc(16_000, 'b'))) break;
        }
        if (written >= 4_000_000) stream.end();
      };
      stream.on('drain', write);
      write();
    });
    const slow = bench.start({ target: '/big' });
    slow.answer.isSlow = true;
    await slow.answer.until(() => slow.answer.text.length > 0);
    for (let i = 0; i < 20; i++) expect((await bench.send({ target: '/small' })).answer.text).toBe('small');
    expect(sessions()).toBe(1);
    expect(slow.answer.text.length).toBeLessThanOrEqual(64 * 1024);
    expect(written).toBeLessThan(1_000_000);
    slow.answer.isSlow = false;
    slow.answer.onDrain?.();
    await slow.answer.over;
    expect(slow.answer.text.length).toBe(written);
  });

  it('hears of a client that left', async () => {
    const { promise: code, resolve } = withResolve<number>();
    const { bench } = await benchWith((stream) => {
      stream.on('close', () => resolve(stream.rstCode));
      stream.respond({ ':status': 200 });
      stream.write('a');
    });
    const exchange = bench.start();
    await exchange.answer.until(() => exchange.answer.text === 'a');
    exchange.leave();
    expect(await code).toBe(constants.NGHTTP2_CANCEL);
  });

  it('says what is to be said before its answer', async () => {
    const { bench } = await benchWith((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      stream.respond({ ':status': 200 });
      stream.end();
    });
    const { answer } = await bench.send();
    expect(answer.informationals).toEqual([{ status: 103, headers: ['link', '</a.css>'] }]);
  });

  it('is asked whether it wants a body, and gets none before it says so', async () => {
    let received = 0;
    let before = -1;
    const { bench } = await benchWith((stream, headers) => {
      expect(headers.expect).toBe('100-continue');
      stream.on('data', (bytes: Buffer) => {
        received += bytes.length;
      });
      setTimeout(() => {
        before = received;
        stream.additionalHeaders({ ':status': 100 });
      }, 50);
      stream.on('end', () => {
        stream.respond({ ':status': 200 });
        stream.end('taken');
      });
    });
    const headers = ['Host', 'shop.test', 'Expect', '100-continue', 'Content-Length', '4'];
    const { answer } = await bench.send({ method: 'POST', headers, body: ['body'], expectsContinue: true });
    expect([answer.text, before, received]).toEqual(['taken', 0, 4]);
    expect(answer.informationals.map(({ status }) => status)).toEqual([100]);
  });

  it('gets an offer of another protocol as a plain request', async () => {
    const { bench } = await benchWith((stream, headers) => {
      stream.respond({ ':status': 426 });
      stream.end(JSON.stringify(Object.keys(headers).filter((name) => /upgrade|connection/.test(name))));
    });
    const headers = ['Host', 'shop.test', 'Connection', 'Upgrade', 'Upgrade', 'websocket'];
    const { answer } = await bench.send({ headers, upgrade: 'websocket' });
    expect([answer.status, answer.text]).toEqual([426, '[]']);
  });

  it.each([204, 304])('answers %i without a body', async (status) => {
    const { bench } = await benchWith((stream) => stream.respond({ ':status': status }, { endStream: true }));
    const { answer } = await bench.send();
    expect([answer.status, answer.headOfAnswer?.bodyLength, answer.trailers]).toEqual([status, 0, []]);
  });

  it('answers HEAD with the length of what GET would get', async () => {
    const { bench } = await benchWith((stream) =>
      stream.respond({ ':status': 200, 'content-length': 1_000 }, { endStream: true }),
    );
    const { answer } = await bench.send({ method: 'HEAD' });
    expect(answer.headOfAnswer?.headers).toContain('1000');
    expect(answer.headOfAnswer?.bodyLength).toBe(0);
  });

  it('gets heads that are larger than a frame', async () => {
    const { bench } = await benchWith((stream, headers) => {
      stream.respond({ ':status': 200, 'x-back': String(headers['x-long']) });
      stream.end(String(headers['x-long']).length.toString());
    });
    const { answer } = await bench.send({ headers: ['Host', 'a', 'X-Long', 'v'.repeat(30_000)] });
    expect(answer.text).toBe('30000');
    expect(answer.headOfAnswer?.headers).toContain('v'.repeat(30_000));
  });
});
