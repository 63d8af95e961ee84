import { afterEach, describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/model/failure.ts';
import {
  CODE,
  data,
  FLAG,
  FRAME,
  frame,
  headerBlock,
  headers,
  ping,
  reset,
  settings,
  windowUpdate,
} from '../../support/http2-frames.ts';
import { type Http2Script, RawHttp2Backend, type RawHttp2Request } from '../../support/http2-raw-backend.ts';
import type { FakeRequest } from '../fake-exchange.ts';
import { type BenchOptions, ForwardBench } from '../forward-bench.ts';

/** Backends that break HTTP/2, or leave it, at every stage of an answer. */

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function benchWith(
  script: Http2Script,
  options: BenchOptions & { readonly hello?: Buffer } = {},
): Promise<{ bench: ForwardBench; backend: RawHttp2Backend }> {
  const backend = await RawHttp2Backend.start(script);
  backend.hello = options.hello ?? backend.hello;
  const bench = new ForwardBench([], {
    ...options,
    ports: [backend.port],
    backend: { http2: true, ...options.backend },
  });
  open.push({
    close: () => {
      bench.close();
      return backend.stop();
    },
  });
  return { bench, backend };
}

const OK = [':status', '200', 'content-type', 'text/plain'];
const OPEN = FLAG.endHeaders;

/** The last piece of a body. */
function last(stream: number, text: string): Buffer {
  return data(stream, text, FLAG.endStream);
}

function goaway(lastStream: number, code: number): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastStream, 0);
  payload.writeUInt32BE(code, 4);
  return frame(FRAME.goaway, { payload });
}

/** What an answer to a stream is made of. */
type Answer = (request: RawHttp2Request) => Buffer | readonly Buffer[];

function says(answer: Answer): Http2Script {
  return (request, connection) => connection.write(...[answer(request)].flat());
}

describe('an answer that breaks the rules ends its own exchange as a bad answer', () => {
  const cases: [what: string, answer: Answer, request?: FakeRequest][] = [
    ['no status', ({ stream }) => headers(stream, ['a', 'b'])],
    ['two statuses', ({ stream }) => headers(stream, [':status', '200', ':status', '200'])],
    ['a status of two digits', ({ stream }) => headers(stream, [':status', '20'])],
    ['a status of 600', ({ stream }) => headers(stream, [':status', '600'])],
    ['a status of 099', ({ stream }) => headers(stream, [':status', '099'])],
    ['a status behind another field', ({ stream }) => headers(stream, ['a', 'b', ':status', '200'])],
    ['a field of requests', ({ stream }) => headers(stream, [':status', '200', ':path', '/'])],
    ['101', ({ stream }) => headers(stream, [':status', '101'], OPEN)],
    ['a capital letter in a name', ({ stream }) => headers(stream, [...OK, 'X-A', '1'])],
    ['an empty name', ({ stream }) => headers(stream, [...OK, '', '1'])],
    ['a space in a name', ({ stream }) => headers(stream, [...OK, 'x a', '1'])],
    ['a colon in a name', ({ stream }) => headers(stream, [...OK, 'x:a', '1'])],
    ['a line end in a name', ({ stream }) => headers(stream, [...OK, 'x: 1\r\nset-cookie', 'a=1'])],
    ['a line end in a value', ({ stream }) => headers(stream, [...OK, 'x', '1\r\nset-cookie: a=1'])],
    ['a line feed in a value', ({ stream }) => headers(stream, [...OK, 'x', 'a\nb'])],
    ['a NUL in a value', ({ stream }) => headers(stream, [...OK, 'x', 'a\0b'])],
    ['a space before a value', ({ stream }) => headers(stream, [...OK, 'x', ' a'])],
    ['a space behind a value', ({ stream }) => headers(stream, [...OK, 'x', 'a '])],
    ['Connection', ({ stream }) => headers(stream, [...OK, 'connection', 'close'])],
    ['Keep-Alive', ({ stream }) => headers(stream, [...OK, 'keep-alive', 'timeout=5'])],
    ['Transfer-Encoding', ({ stream }) => headers(stream, [...OK, 'transfer-encoding', 'chunked'])],
    ['Upgrade', ({ stream }) => headers(stream, [...OK, 'upgrade', 'websocket'])],
    [
      'two lengths',
      ({ stream }) => headers(stream, [...OK, 'content-length', '1', 'content-length', '1'], OPEN),
    ],
    ['a length that is none', ({ stream }) => headers(stream, [...OK, 'content-length', '+1'], OPEN)],
    ['a length and no body', ({ stream }) => headers(stream, [...OK, 'content-length', '3'])],
    ['a body before its head', ({ stream }) => last(stream, 'abc')],
    [
      '1 001 fields',
      ({ stream }) => headers(stream, [...OK, ...Array.from({ length: 999 }, () => ['a', 'b']).flat()], 5),
    ],
    ['a head of 140 kB', ({ stream }) => bigHead(stream, 140 * 1024)],
    [
      '33 informational answers',
      ({ stream }) => Array.from({ length: 33 }, () => headers(stream, [':status', '103'], OPEN)),
    ],
    ['an informational answer that ends', ({ stream }) => headers(stream, [':status', '103'])],
  ];

  it.each(cases)('%s', async (_what, answer, request = {}) => {
    const { bench, backend } = await benchWith(says(answer));
    const { answer: got } = await bench.send(request);
    expect(got.failure).toBe('bad_response');
    expect(got.status).toBe(502);
    // The connection is good for others.
    backend.use(says(({ stream }) => headers(stream, OK)));
    expect((await bench.send()).answer.status).toBe(200);
    expect(backend.connections.length).toBe(1);
    expect(bench.endpoints.inFlight).toBe(0);
  });

  const cut: [what: string, answer: Answer, request?: FakeRequest][] = [
    [
      'more than its length',
      ({ stream }) => [headers(stream, [...OK, 'content-length', '2'], OPEN), last(stream, 'abc')],
    ],
    [
      'less than its length',
      ({ stream }) => [headers(stream, [...OK, 'content-length', '9'], OPEN), last(stream, 'abc')],
    ],
    [
      'less than its length, and trailers',
      ({ stream }) => [
        headers(stream, [...OK, 'content-length', '9'], OPEN),
        data(stream, 'abc'),
        headers(stream, ['a', 'b']),
      ],
    ],
    [
      'a body of HEAD',
      ({ stream }) => [headers(stream, [...OK, 'content-length', '3'], OPEN), last(stream, 'abc')],
      { method: 'HEAD' },
    ],
    ['a body of 204', ({ stream }) => [headers(stream, [':status', '204'], OPEN), last(stream, 'abc')]],
    ['a body of 304', ({ stream }) => [headers(stream, [':status', '304'], OPEN), last(stream, 'abc')]],
    ['a second head', ({ stream }) => [headers(stream, OK, OPEN), headers(stream, OK, OPEN)]],
    [
      'trailers that do not end it',
      ({ stream }) => [headers(stream, OK, OPEN), headers(stream, ['a', 'b'], OPEN)],
    ],
    [
      'a status in trailers',
      ({ stream }) => [headers(stream, OK, OPEN), headers(stream, [':status', '200'])],
    ],
    [
      'a reset in the middle',
      ({ stream }) => [headers(stream, OK, OPEN), data(stream, 'abc'), reset(stream, CODE.internalError)],
    ],
    [
      'a reset without an error in the middle',
      ({ stream }) => [headers(stream, OK, OPEN), data(stream, 'abc'), reset(stream, CODE.noError)],
    ],
    [
      'a cancel in the middle',
      ({ stream }) => [headers(stream, OK, OPEN), data(stream, 'abc'), reset(stream, CODE.cancel)],
    ],
  ];

  it.each(cut)('after its head the client sees that it is cut: %s', async (_what, answer, request = {}) => {
    const { bench, backend } = await benchWith(says(answer));
    const { answer: got } = await bench.send(request);
    expect(got.wasCut).toBe(true);
    expect(got.text).not.toContain('abcd');
    backend.use(says(({ stream }) => headers(stream, OK)));
    expect((await bench.send()).answer.status).toBe(200);
    expect(backend.connections.length).toBe(1);
  });
});

describe('what breaks the connection ends all of it, and the next exchange gets another', () => {
  const cases: [what: string, answer: Answer, hello?: Buffer][] = [
    ['a frame that is too large', () => frame(FRAME.data, { stream: 1, payload: Buffer.alloc(20_000) })],
    ['a stream that nobody began', () => headers(7, OK)],
    ['a stream of its own', () => headers(2, OK)],
    ['a head of no stream', () => headers(0, OK)],
    ['a body of no stream', () => last(0, 'abc')],
    [
      'a push',
      ({ stream }) => frame(FRAME.pushPromise, { flags: 4, stream, payload: Buffer.from([0, 0, 0, 2]) }),
    ],
    ['SETTINGS of a stream', () => frame(FRAME.settings, { stream: 1 })],
    ['SETTINGS that are cut off', () => frame(FRAME.settings, { payload: Buffer.alloc(5) })],
    [
      'an acknowledgement that says more',
      () => frame(FRAME.settings, { flags: 1, payload: Buffer.alloc(6) }),
    ],
    ['a window of more than 2³¹ − 1', () => settings([[4, 0x8000_0000]])],
    ['a frame size of 0', () => settings([[5, 0]])],
    ['permission to push', () => settings([[2, 1]])],
    ['a PING of a stream', () => frame(FRAME.ping, { stream: 1, payload: Buffer.alloc(8) })],
    ['a PING of 7 bytes', () => frame(FRAME.ping, { payload: Buffer.alloc(7) })],
    ['a reset of 3 bytes', ({ stream }) => frame(FRAME.rstStream, { stream, payload: Buffer.alloc(3) })],
    ['a reset of no stream', () => reset(0, 0)],
    ['a GOAWAY of 7 bytes', () => frame(FRAME.goaway, { payload: Buffer.alloc(7) })],
    ['a GOAWAY of a stream', () => frame(FRAME.goaway, { stream: 1, payload: Buffer.alloc(8) })],
    ['a WINDOW_UPDATE of 3 bytes', () => frame(FRAME.windowUpdate, { payload: Buffer.alloc(3) })],
    ['a window that grows by nothing', () => windowUpdate(0, 0)],
    ['a window that grows too large', () => windowUpdate(0, 0x7fff_ffff)],
    ['a window of a stream that grows too large', ({ stream }) => windowUpdate(stream, 0x7fff_ffff)],
    ['a CONTINUATION of nothing', ({ stream }) => frame(FRAME.continuation, { flags: 4, stream })],
    ['a frame in the middle of a head', ({ stream }) => [headers(stream, OK, FLAG.none), ping()]],
    [
      'a CONTINUATION of another stream',
      ({ stream }) => [headers(stream, OK, FLAG.none), frame(FRAME.continuation, { flags: 4, stream: 9 })],
    ],
    [
      'a head that does not end',
      ({ stream }) => [
        headers(stream, OK, FLAG.none),
        ...Array.from({ length: 70 }, () => frame(FRAME.continuation, { stream })),
      ],
    ],
    ['a head of a megabyte', ({ stream }) => bigHead(stream, 1024 * 1024)],
    [
      'more padding than payload',
      ({ stream }) => frame(FRAME.headers, { flags: 0xc, stream, payload: Buffer.from([9, 0x88]) }),
    ],
    [
      'an index that stands for nothing',
      ({ stream }) => frame(FRAME.headers, { flags: 5, stream, payload: Buffer.from([0xff, 0x7f]) }),
    ],
    [
      'a string that is longer than its block',
      ({ stream }) => frame(FRAME.headers, { flags: 5, stream, payload: Buffer.from([0, 50, 97]) }),
    ],
    [
      'an integer without an end',
      ({ stream }) => frame(FRAME.headers, { flags: 5, stream, payload: Buffer.alloc(40, 0xff) }),
    ],
    [
      'a table larger than allowed',
      ({ stream }) => frame(FRAME.headers, { flags: 5, stream, payload: Buffer.from([0x3f, 0xe2, 0x1f]) }),
    ],
    [
      'a Huffman code with a wrong end',
      ({ stream }) => frame(FRAME.headers, { flags: 5, stream, payload: Buffer.from([0, 0x81, 0x00, 0]) }),
    ],
    [
      'more of a body than was granted',
      ({ stream }) => [
        headers(stream, OK, OPEN),
        ...Array.from({ length: 5 }, () => data(stream, 'x'.repeat(16_000))),
      ],
    ],
  ];

  it.each(cases)('%s', async (_what, answer) => {
    const { bench, backend } = await benchWith(says(answer));
    const exchange = bench.start();
    // A client that takes nothing, so that nothing is granted.
    exchange.answer.isSlow = true;
    await exchange.answer.over;
    const { answer: got } = exchange;
    expect(got.wasCut || got.failure === 'bad_response').toBe(true);
    await backend.connections[0]?.frame(({ type }) => type === FRAME.goaway);
    await backend.connections[0]?.gone();
    backend.use(says(({ stream }) => headers(stream, OK)));
    expect((await bench.send()).answer.status).toBe(200);
    expect(backend.connections.length).toBe(2);
    expect(bench.endpoints.inFlight).toBe(0);
  });
});

describe('a backend that leaves', () => {
  const before: [what: string, script: Http2Script, failure: Failure][] = [
    ['closes before an answer', (_request, { socket }) => socket.end(), 'reset'],
    ['resets before an answer', (_request, { socket }) => socket.resetAndDestroy(), 'reset'],
    ['resets the stream', says(({ stream }) => reset(stream, CODE.internalError)), 'reset'],
    ['asks for HTTP/1.1', says(({ stream }) => reset(stream, 13)), 'reset'],
  ];

  it.each(before)('%s', async (_what, script, failure) => {
    const { bench } = await benchWith(script);
    const { answer } = await bench.send({ method: 'POST', body: ['a'] });
    expect(answer.failure).toBe(failure);
    expect(bench.outcomes[0]).toMatchObject({ attempts: 1 });
  });

  it('closes in the middle of an answer', async () => {
    const { bench } = await benchWith(({ stream }, connection) => {
      connection.write(headers(stream, OK, OPEN), data(stream, 'abc'));
      connection.socket.end();
    });
    const { answer } = await bench.send();
    expect(answer).toMatchObject({ wasCut: true, text: 'abc' });
  });

  it.each(['GET', 'POST'])('refuses a %s: it is sent again', async (method) => {
    const { bench, backend } = await benchWith(says(({ stream }) => reset(stream, CODE.refusedStream)));
    backend.use(({ stream }, connection) => {
      backend.use(says((request) => headers(request.stream, OK)));
      connection.write(reset(stream, CODE.refusedStream));
    });
    const { answer } = await bench.send({ method, body: method === 'POST' ? ['a', 'b'] : [] });
    expect(answer.status).toBe(200);
    expect(bench.attempts.map(({ purpose, result }) => [purpose, result])).toEqual([
      ['serve', 'reset'],
      ['resend', 200],
    ]);
  });

  it('refuses again and again: after the third time the client is told', async () => {
    const { bench, backend } = await benchWith(says(({ stream }) => reset(stream, CODE.refusedStream)));
    const { answer } = await bench.send({ method: 'POST' });
    expect(answer.failure).toBe('reset');
    expect(backend.requests.length).toBe(3);
  });

  it('goes away in peace: what it has begun is finished, the rest goes elsewhere', async () => {
    const { bench, backend } = await benchWith(() => {});
    backend.use((request, connection) => {
      if (connection.requests.length < 2) return;
      backend.use(says(({ stream }) => headers(stream, [':status', '201'])));
      connection.write(goaway(1, CODE.noError), headers(1, OK, OPEN));
      void connection.frame(({ type }) => type === FRAME.goaway).catch(() => {});
      setImmediate(() => connection.write(last(1, `for ${request.stream - 2}`)));
    });
    const first = bench.start({ method: 'POST', body: ['a'] });
    const second = bench.start({ method: 'POST', body: ['b'] });
    await Promise.all([first.answer.over, second.answer.over]);
    expect([first.answer.status, first.answer.text]).toEqual([200, 'for 1']);
    expect(second.answer.status).toBe(201);
    expect(backend.connections.length).toBe(2);
    await backend.connections[0]?.gone();
  });

  it('has enough of a connection: what may be sent twice goes to another, at once', async () => {
    const { bench, backend } = await benchWith(() => {});
    backend.use(({ stream }, connection) => {
      const isFirst = connection === backend.connections[0];
      if (isFirst && stream > 1) connection.write(reset(stream, CODE.enhanceYourCalm));
      else if (!isFirst) connection.write(headers(stream, OK));
    });
    const first = bench.start();
    const others = Array.from({ length: 5 }, () => bench.start());
    const write = bench.start({ method: 'POST', body: ['a'] });
    await Promise.all([...others, write].map(({ answer }) => answer.over));
    expect(others.map(({ answer }) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect(write.answer.failure).toBe('reset');
    backend.connections[0]?.write(headers(1, OK));
    await first.answer.over;
    expect(first.answer.status).toBe(200);
    expect((await bench.send({ method: 'POST', body: ['a'] })).answer.status).toBe(200);
    expect(backend.connections.length).toBe(2);
  });

  it('goes away with 300 requests that it has not begun: all of them are sent again, at once', async () => {
    const { bench, backend } = await benchWith(() => {});
    backend.use((_request, connection) => {
      if (connection.requests.length < 300) return;
      backend.use(says(({ stream }) => headers(stream, OK)));
      connection.write(goaway(0, CODE.noError));
    });
    const exchanges = Array.from({ length: 300 }, () => bench.start({ method: 'POST', body: ['a'] }));
    await Promise.all(exchanges.map(({ answer }) => answer.over));
    expect(exchanges.filter(({ answer }) => answer.status === 200).length).toBe(300);
    expect(backend.connections.length).toBe(2);
  });

  it('does not want the rest of a request: its answer is whole', async () => {
    const { bench } = await benchWith(({ stream }, connection) => {
      connection.write(
        headers(stream, [':status', '413'], OPEN),
        last(stream, 'no'),
        reset(stream, CODE.noError),
      );
    });
    const exchange = bench.start({ method: 'POST', body: ['a'], length: 9, holdBody: true });
    await exchange.answer.over;
    expect([exchange.answer.status, exchange.answer.text]).toEqual([413, 'no']);
  });
});

describe('bytes after the end', () => {
  it.each<[string, Answer]>([
    [
      'more of the body',
      ({ stream }) => [headers(stream, OK, OPEN), last(stream, 'abc'), last(stream, 'def')],
    ],
    [
      'another head',
      ({ stream }) => [headers(stream, OK, OPEN), last(stream, 'abc'), headers(stream, [...OK, 'x', 'y'])],
    ],
    [
      'a reset',
      ({ stream }) => [headers(stream, OK, OPEN), last(stream, 'abc'), reset(stream, CODE.protocolError)],
    ],
    ['a window', ({ stream }) => [headers(stream, OK, OPEN), last(stream, 'abc'), windowUpdate(stream, 5)]],
  ])('%s: nobody gets them', async (_what, answer) => {
    const { bench, backend } = await benchWith(says(answer));
    for (let i = 0; i < 3; i++) {
      const { answer: got } = await bench.send();
      expect([got.text, got.trailers]).toEqual(['abc', []]);
    }
    expect(backend.connections.length).toBe(1);
  });
});

describe('a backend that is none of HTTP/2', () => {
  it.each<[string, string, Failure]>([
    ['answers in HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', 'bad_response'],
    ['says something else', 'SSH-2.0-OpenSSH_9.6\r\n and more of it', 'bad_response'],
  ])('%s: a failure, and word of it', async (_what, hello, failure) => {
    const told: string[] = [];
    const { bench } = await benchWith(() => {}, { hello: Buffer.from(hello) });
    bench.pools.onOtherProtocol = (_endpoint, message) => told.push(message);
    for (let i = 0; i < 2; i++) expect((await bench.send({ method: 'POST' })).answer.failure).toBe(failure);
    expect(told.length).toBe(1);
    if (hello.startsWith('HTTP')) expect(told[0]).toContain('does not speak HTTP/2');
  });

  it('says nothing: the time limit for connecting', async () => {
    const timeouts = { connectMs: 150, responseMs: 0, idleMs: 0 };
    const { bench } = await benchWith(() => {}, { hello: Buffer.alloc(0), backend: { timeouts } });
    expect((await bench.send()).answer.failure).toBe('connect_timeout');
    expect(bench.failedAttempts[0]?.detail).toContain('does it speak HTTP/2?');
  });
});

describe('windows of the backend', () => {
  it('hold a body back, and let it go on', async () => {
    const { bench, backend } = await benchWith(() => {}, { hello: settings([[4, 10]]) });
    const exchange = bench.start({ method: 'POST', body: ['0123456789', 'abcdef'] });
    const connection = await connectionOf(backend);
    await connection.frame(({ type }) => type === FRAME.data);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(connection.bodyOf(1).toString()).toBe('0123456789');
    connection.write(windowUpdate(1, 3));
    await connection.frame(({ type, payload }) => type === FRAME.data && payload.toString() === 'abc');
    connection.write(settings([[4, 100]]));
    await connection.frame(({ type, flags }) => type === FRAME.data && (flags & 1) === 1);
    expect(connection.bodyOf(1).toString()).toBe('0123456789abcdef');
    connection.write(headers(1, OK));
    await exchange.answer.over;
    expect(exchange.answer.status).toBe(200);
  });

  it('may become smaller than nothing', async () => {
    const { bench, backend } = await benchWith(() => {}, { hello: settings([[4, 10]]) });
    const exchange = bench.start({ method: 'POST', body: ['0123456789', 'abcdef'] });
    const connection = await connectionOf(backend);
    await connection.frame(({ type }) => type === FRAME.data);
    connection.write(settings([[4, 0]]), windowUpdate(1, 10), ping());
    await connection.frame(({ type, flags }) => type === FRAME.ping && flags === 1);
    expect(connection.bodyOf(1).toString()).toBe('0123456789');
    connection.write(windowUpdate(1, 6));
    await connection.frame(({ type, flags }) => type === FRAME.data && (flags & 1) === 1);
    expect(connection.bodyOf(1).toString()).toBe('0123456789abcdef');
    connection.write(headers(1, OK));
    await exchange.answer.over;
  });

  it('of the connection are shared in turn', async () => {
    const { bench, backend } = await benchWith(() => {}, { hello: settings([[4, 1_000_000]]) });
    const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(60_000));
    const exchanges = bodies.map((body) => bench.start({ method: 'POST', body: [body] }));
    const connection = await connectionOf(backend);
    const total = (): number => [1, 3, 5].reduce((sum, id) => sum + connection.bodyOf(id).length, 0);
    while (total() < 65_535) await connection.frame((_frame) => true).then(() => new Promise(setImmediate));
    for (let granted = 65_535; granted < 180_000; granted += 20_000) {
      connection.write(windowUpdate(0, 20_000));
      while (total() < Math.min(180_000, granted + 20_000)) await new Promise(setImmediate);
    }
    expect([1, 3, 5].map((id) => connection.bodyOf(id).toString())).toEqual(bodies);
    connection.write(headers(1, OK), headers(3, OK), headers(5, OK));
    await Promise.all(exchanges.map(({ answer }) => answer.over));
  });
});

async function connectionOf(backend: RawHttp2Backend) {
  for (;;) {
    const [connection] = backend.connections;
    if (connection !== undefined && connection.requests.length > 0) return connection;
    await new Promise(setImmediate);
  }
}

/** A head of about so many bytes, in as many frames as it takes. */
function bigHead(stream: number, bytes: number): Buffer {
  const block = headerBlock([
    ...OK,
    ...Array.from({ length: Math.ceil(bytes / 8_000) }, (_, i) => [`x-${i}`, 'v'.repeat(8_000)]).flat(),
  ]);
  const frames: Buffer[] = [];
  for (let at = 0; at < block.length; at += 16_000) {
    const isLast = at + 16_000 >= block.length;
    const payload = block.subarray(at, at + 16_000);
    frames.push(
      frame(at === 0 ? FRAME.headers : FRAME.continuation, {
        flags: (isLast ? 4 : 0) | (at === 0 ? 1 : 0),
        stream,
        payload,
      }),
    );
  }
  return Buffer.concat(frames);
}
