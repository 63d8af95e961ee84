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
});
