import { describe, expect, it } from 'vitest';
import { MAX_STREAMS } from '../../../src/front/http2/http2-limits.ts';
import type { HeldBytes } from '../../../src/model/held-bytes.ts';
import { answered } from '../../support/http2-client.ts';
import {
  CODE,
  codeOf,
  data,
  FLAG,
  FRAME,
  frame,
  getFields,
  headerBlock,
  headers,
  PREFACE,
  ping,
  postFields,
  reset,
  SETTINGS_ACK,
  settings,
  statusOf,
  windowUpdate,
} from '../../support/http2-frames.ts';
import { Http2RawClient } from '../../support/http2-raw-client.ts';
import { type ReadBody, readBody, respond } from '../contract/front-bench.ts';
import { withHttp2 } from './http2-bench.ts';

const repeat = (count: number, make: (i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));
const streamOf = (i: number): number => 2 * i + 1;
const priority = (stream: number): Buffer =>
  frame(FRAME.priority, { stream, payload: Buffer.from([0, 0, 0, 0, 1]) });

describe('HTTP/2 front: limits of a head', () => {
  const bench = withHttp2({ maxHeaderBytes: 4096, maxHeaders: 20, maxUrlBytes: 1000 });

  it.each([
    ['a field that is too large', { x: 'y'.repeat(4096) }, 431, 'header_too_large'],
    [
      'fields that are too large together',
      { a: 'y'.repeat(2000), b: 'y'.repeat(2500) },
      431,
      'header_too_large',
    ],
    [
      'too many fields',
      Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`x${i}`, ''])),
      431,
      'header_too_large',
    ],
    ['a target that is too long', { ':path': `/${'a'.repeat(1000)}` }, 414, 'url_too_long'],
  ])('%s', async (_what, fields, status, failure) => {
    const client = bench().client();
    const answer = await client.ask(fields);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ failure });
    expect(bench().front.rejections).toMatchObject([{ failure, method: 'GET' }]);
    expect((await client.ask()).status).toBe(200);
  });

  it('takes as much as is allowed, and counts the crumbs of a cookie as one field', async () => {
    const cookie = Array.from({ length: 60 }, (_, i) => `c${i}=${i}`);
    const answer = await bench()
      .client()
      .ask({ cookie, ':path': `/${'a'.repeat(999)}` });
    expect(answer.status).toBe(200);
    const { headers } = bench().front.exchanges[0]!.head;
    expect(headers).toEqual(['host', 'a.test', 'cookie', cookie.join('; ')]);
  });

  it('a head without end ends the connection, whatever its frames hold', async () => {
    for (const [size, count] of [
      [1024, 40],
      [0, 1000],
    ] as const) {
      const client = await bench().raw();
      const more = frame(FRAME.continuation, { stream: 1, payload: Buffer.alloc(size, 'x') });
      client.send(
        headers(1, getFields(), FLAG.endStream),
        repeat(count, () => more),
      );
      expect(codeOf(await client.frame(FRAME.goaway))).toBe(CODE.enhanceYourCalm);
      await client.closed();
    }
    expect(bench().front.rejections).toMatchObject([
      { failure: 'header_too_large' },
      { failure: 'header_too_large' },
    ]);
    expect(bench().front.exchanges).toEqual([]);
  });

  it('a small block of references to a large field is not unpacked without end', async () => {
    const client = await bench().raw();
    // Kept in the table, then named four thousand times: sixteen megabytes of fields.
    const literal = headerBlock(['x', 'y'.repeat(3000)]);
    literal[0] = 0x40;
    const pseudo = headerBlock(getFields());
    const payload = Buffer.concat([pseudo, literal, Buffer.alloc(4000, 0x80 | 62)]);
    client.send(frame(FRAME.headers, { flags: 5, stream: 1, payload }));
    await client.frame(FRAME.headers, 1);
    expect(bench().front.rejections).toMatchObject([{ failure: 'header_too_large' }]);
    client.send(headers(3, getFields()));
    expect(statusOf(await client.frame(FRAME.headers, 3))).toBe(200);
  });

  it('trailers that are too large are no trailers', async () => {
    const bodies: Promise<ReadBody>[] = [];
    bench().front.use((exchange) => void bodies.push(readBody(exchange)));
    const client = await bench().raw();
    client.send(headers(1, postFields(), FLAG.endHeaders));
    await bench().front.exchange(0);
    client.send(headers(1, ['x', 'y'.repeat(5000)]));
    expect(codeOf(await client.frame(FRAME.rstStream, 1))).toBe(CODE.protocolError);
    expect((await bodies[0])?.failure).toBe('header_too_large');
  });
});

describe('HTTP/2 front: limits of streams', () => {
  const bench = withHttp2();

  it('refuses one stream more than may be open, unread, and takes others when some have ended', async () => {
    bench().front.use(() => {});
    const client = await bench().raw();
    client.send(repeat(MAX_STREAMS + 1, (i) => headers(streamOf(i), getFields())));
    expect(codeOf(await client.frame(FRAME.rstStream, streamOf(MAX_STREAMS)))).toBe(CODE.refusedStream);
    expect(bench().front.exchanges).toHaveLength(MAX_STREAMS);
    expect(bench().front.rejections).toMatchObject([{ failure: 'over_capacity', method: 'GET' }]);
    respond(bench().front.exchanges[0]!);
    await client.frame(FRAME.headers, 1);
    bench().front.use((exchange) => respond(exchange));
    client.send(headers(streamOf(MAX_STREAMS + 1), getFields()));
    expect(statusOf(await client.frame(FRAME.headers, streamOf(MAX_STREAMS + 1)))).toBe(200);
  });

  it('tells a client its limits', async () => {
    const client = bench().client();
    await client.ask();
    expect(client.session.remoteSettings).toMatchObject({
      maxConcurrentStreams: MAX_STREAMS,
      maxHeaderListSize: 32 * 1024 + 32 * 200,
    });
  });

  it.each([
    [
      'requests that are given up at once',
      (i: number) => [headers(streamOf(i), getFields()), reset(streamOf(i))],
    ],
    [
      'bodies that break their word',
      (i: number) => [
        headers(streamOf(i), postFields('/', ['content-length', '1']), 4),
        data(streamOf(i), '', 1),
      ],
    ],
    [
      'windows opened by nothing',
      (i: number) => [headers(streamOf(i), getFields()), windowUpdate(streamOf(i), 0)],
    ],
  ])('ends a connection of nothing but %s', async (_what, frames) => {
    bench().front.use(() => {});
    const client = await bench().raw();
    client.send(repeat(2000, (i) => Buffer.concat(frames(i))));
    expect(codeOf(await client.frame(FRAME.goaway))).toBe(CODE.enhanceYourCalm);
    await client.closed();
    const reasons = bench().front.rejections.map(({ failure }) => failure);
    expect(reasons.filter((reason) => reason === 'over_capacity')).toHaveLength(1);
    expect(bench().front.rejections.at(-1)).toMatchObject({ failure: 'over_capacity', method: null });
    expect(reasons.length).toBeLessThan(250);
    expect(bench().front.exchanges.length).toBeLessThan(250);
  });

  it('bears a client that gives up one in two of very many requests', async () => {
    bench().front.use((exchange) => {
      if (exchange.head.target === '/') respond(exchange);
    });
    const client = await bench().raw();
    for (let round = 0; round < 30; round++) {
      const first = round * 100;
      client.send(
        repeat(100, (i) => {
          const id = streamOf(first + i);
          const head = headers(id, getFields(i % 2 === 0 ? '/' : '/slow'));
          return i % 2 === 0 ? head : Buffer.concat([head, reset(id)]);
        }),
      );
      await client.frame(FRAME.headers, streamOf(first + 98));
    }
    expect(client.isClosed).toBe(false);
  });

  it.each([
    ['PING', () => ping()],
    ['PING, answered', () => ping(true)],
    ['SETTINGS', () => settings()],
    ['SETTINGS, acknowledged', () => SETTINGS_ACK],
    ['PRIORITY', (i: number) => priority(streamOf(i))],
    ['windows of the connection', () => windowUpdate(0, 1)],
    ['windows of a stream', () => windowUpdate(1, 1)],
    ['empty DATA', () => data(1, '')],
    [
      'DATA of padding alone',
      () => frame(FRAME.data, { stream: 1, flags: FLAG.padded, payload: Buffer.from([0]) }),
    ],
    ['resets of a stream that has ended', () => Buffer.concat([reset(1), reset(1)])],
    ['unknown frames', () => frame(0x77)],
    ['GOAWAY', () => frame(FRAME.goaway, { payload: Buffer.alloc(8) })],
  ])('ends a connection of nothing but %s', async (_what, make) => {
    bench().front.use(() => {});
    const client = await bench().raw();
    client.send(headers(1, postFields(), FLAG.endHeaders));
    await bench().front.exchange(0);
    client.send(repeat(3000, make));
    expect(codeOf(await client.frame(FRAME.goaway))).toBe(CODE.enhanceYourCalm);
    await client.closed();
    expect(bench().front.rejections.map(({ failure }) => failure)).toEqual(['over_capacity']);
  });

  it('bears a client that opens its windows for every piece of what it is sent', async () => {
    const total = 2 * 1024 * 1024;
    bench().front.use((exchange) => respond(exchange, { body: 'x'.repeat(total) }));
    const client = await bench().raw([[4, 1024]]);
    client.send(headers(1, getFields()));
    for (let opened = 0, seen = 0; opened < total; ) {
      const came = client.frames.slice(seen).filter(({ type }) => type === FRAME.data);
      seen = client.frames.length;
      for (const { payload } of came) {
        opened += payload.length;
        client.send(windowUpdate(1, payload.length), windowUpdate(0, payload.length));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.bodyOf(1).length).toBe(total);
  });

  it('does not let answers to PING pile up where nobody reads them', async () => {
    const client = await bench().raw();
    client.socket.pause();
    let written = 0;
    for (let i = 0; i < 200; i++) {
      client.send(repeat(5, () => ping()));
      written += 5;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    client.socket.resume();
    await expect.poll(() => client.isClosed || client.frames.length >= written).toBe(true);
  });
});

describe('HTTP/2 front: limits of bodies', () => {
  const bench = withHttp2();

  it('lets a client send no more of a body than its window, while nobody takes it', async () => {
    bench().front.use(() => {});
    const stream = bench().client().open({ ':method': 'POST' }, true);
    let taken = 0;
    const piece = Buffer.alloc(16 * 1024);
    const more = (): void =>
      void stream.write(piece, () => {
        taken += piece.length;
        if (!stream.destroyed) more();
      });
    more();
    await bench().front.exchange(0);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(taken).toBeLessThanOrEqual(256 * 1024);
    expect(taken).toBeGreaterThan(128 * 1024);
  });

  it('ends a stream, or the connection, that sends more than its window', async () => {
    bench().front.use(() => {});
    const client = await bench().raw();
    const piece = Buffer.alloc(16 * 1024);
    client.send(
      headers(1, postFields(), FLAG.endHeaders),
      repeat(17, () => data(1, piece)),
    );
    expect(codeOf(await client.frame(FRAME.rstStream, 1))).toBe(CODE.flowControlError);
    const ids = [3, 5, 7, 9, 11];
    for (const id of ids)
      client.send(
        headers(id, postFields(), FLAG.endHeaders),
        repeat(16, () => data(id, piece)),
      );
    expect(codeOf(await client.frame(FRAME.goaway))).toBe(CODE.flowControlError);
    await client.closed();
  });

  it('keeps all that came while its receiver pauses', async () => {
    let received = 0;
    bench().front.use((exchange) => {
      exchange.body.read({
        chunk: (bytes) => {
          received += bytes.length;
          exchange.body.pause();
          setTimeout(() => exchange.body.resume(), 1);
        },
        end: () => respond(exchange, { body: String(received) }),
        fail: () => {},
      });
    });
    const size = 3 * 1024 * 1024;
    expect((await bench().client().ask({ ':method': 'POST' }, Buffer.alloc(size))).text).toBe(String(size));
  });

  it('many bodies that nobody takes do not stop others for ever', async () => {
    const held: (() => void)[] = [];
    bench().front.use((exchange) => {
      if (exchange.head.target === '/held')
        held.push(() => void readBody(exchange).then(() => respond(exchange)));
      else void readBody(exchange).then(({ bytes }) => respond(exchange, { body: String(bytes) }));
    });
    const client = bench().client();
    const large = Buffer.alloc(512 * 1024);
    const slow = Array.from({ length: 4 }, () => client.ask({ ':method': 'POST', ':path': '/held' }, large));
    await bench().front.exchange(3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const other = client.ask({ ':method': 'POST' }, 'x');
    for (const read of held) read();
    expect((await other).text).toBe('1');
    for (const answer of await Promise.all(slow)) expect(answer.status).toBe(200);
  });
});

describe('HTTP/2 front: the cap over all that is held', () => {
  const cap = 300_000;
  const account = { held: 0, most: 0 };
  const heldBytes: HeldBytes = {
    get held() {
      return account.held;
    },
    get isFull() {
      return account.held >= cap;
    },
    take: (bytes) => {
      if (account.held + bytes > cap) return false;
      heldBytes.hold(bytes);
      return true;
    },
    hold: (bytes) => {
      account.held += bytes;
      account.most = Math.max(account.most, account.held);
    },
    giveBack: (bytes) => {
      account.held -= bytes;
    },
  };
  const bench = withHttp2({}, { heldBytes });

  it('fails a body that does not fit, and gives everything back', async () => {
    bench().front.use((exchange) => {
      const read = async (): Promise<void> => {
        const { failure } = await readBody(exchange);
        if (failure === null) respond(exchange);
        else exchange.answer.fail(failure, 'r');
      };
      setTimeout(() => void read(), 100);
    });
    const client = bench().client();
    const body = Buffer.alloc(200_000);
    const answers = await Promise.all([1, 2, 3].map(() => client.ask({ ':method': 'POST' }, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 503, 503]);
    expect(account.most).toBeGreaterThan(200_000);
    expect(account.held).toBe(0);
  });
});

describe('HTTP/2 front: time limits', () => {
  const bench = withHttp2({ headerTimeoutMs: 300, bodyTimeoutMs: 400, keepAliveMs: 500 });

  it('closes a connection that says nothing', async () => {
    const client = await Http2RawClient.connect(bench().front.port);
    await client.closed();
    client.destroy();
    expect(bench().front.rejections).toEqual([]);
  });

  it.each([
    ['a preface', [PREFACE.subarray(0, 10)]],
    ['a frame', [PREFACE, settings(), headers(1, getFields()).subarray(0, 20)]],
    ['a header block', [PREFACE, settings(), headers(1, getFields(), FLAG.endStream)]],
  ])('closes when %s does not come to its end', async (_what, pieces) => {
    const client = await Http2RawClient.connect(bench().front.port);
    client.send(...pieces);
    const from = performance.now();
    await client.closed();
    expect(performance.now() - from).toBeLessThan(1500);
    client.destroy();
  });

  it('closes also when a header block dribbles', async () => {
    const client = await bench().raw();
    // Its ACK would stand within the block.
    await client.frame(FRAME.settings);
    client.send(headers(1, getFields(), FLAG.endStream));
    const more = frame(FRAME.continuation, { stream: 1, payload: headerBlock(['x', 'y']) });
    const dribble = setInterval(() => client.send(more), 50);
    expect(codeOf(await client.frame(FRAME.goaway))).toBe(CODE.enhanceYourCalm);
    clearInterval(dribble);
    expect(bench().front.rejections).toMatchObject([{ failure: 'request_timeout' }]);
  });

  it('says goodbye to an idle connection, which PING does not keep open', async () => {
    const client = await bench().raw();
    client.send(headers(1, getFields()));
    const pings = setInterval(() => client.send(ping()), 50);
    const goaway = await client.frame(FRAME.goaway);
    clearInterval(pings);
    expect(codeOf(goaway)).toBe(CODE.noError);
    await client.closed();
    expect(bench().front.rejections).toEqual([]);
  });

  it('leaves a connection open as long as something is answered', async () => {
    bench().front.use((exchange) => setTimeout(() => respond(exchange, { body: 'late' }), 900));
    expect(await bench().client().ask()).toMatchObject({ text: 'late' });
  });

  it('gives up a body that pauses too long, but only while somebody reads it', async () => {
    bench().front.use(async (exchange) => {
      if (exchange.head.target === '/unread') {
        setTimeout(() => respond(exchange, { body: 'fine' }), 700);
        return;
      }
      const { failure } = await readBody(exchange);
      exchange.answer.fail(failure!, 'r');
    });
    const client = bench().client();
    const [unread, read] = ['/unread', '/'].map((path) => {
      const stream = client.open({ ':method': 'POST', ':path': path }, true);
      stream.write('some');
      return answered(stream);
    });
    expect((await read)?.status).toBe(408);
    expect((await unread)?.text).toBe('fine');
  });

  it('lets a call of gRPC be silent for longer, and as long as it likes once it is answered', async () => {
    bench().front.use(async (exchange) => {
      if (exchange.head.target === '/answered') {
        exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
        exchange.answer.chunk(Buffer.from('x'));
      }
      const { failure } = await readBody(exchange);
      if (failure !== null) exchange.answer.fail(failure, 'r');
      else exchange.answer.end(['grpc-status', '0']);
    });
    const client = bench().client();
    const begun = performance.now();
    const [waiting, answering] = ['/waiting', '/answered'].map((path) => {
      const stream = client.open(
        { ':method': 'POST', ':path': path, 'content-type': 'application/grpc' },
        true,
      );
      stream.write('some');
      return { stream, answer: answered(stream) };
    });
    const { header } = await waiting!.answer;
    expect(performance.now() - begun).toBeGreaterThan(3500);
    expect(header('grpc-message')).toBe('request_timeout');
    answering!.stream.end();
    expect(await answering!.answer).toMatchObject({ text: 'x', trailers: { 'grpc-status': '0' } });
  });

  it.each([
    ['the stream', [[4, 0]] as const, undefined],
    ['the connection', [] as const, 200_000],
  ])('cuts an answer for which the window of %s stays closed', async (_what, pairs, size) => {
    const said: string[] = [];
    bench().front.use((exchange) => {
      exchange.onClientGone = () => said.push('gone');
      exchange.answer.onFinish = () => said.push('finish');
      respond(exchange, { body: 'x'.repeat(size ?? 10) });
    });
    const client = await bench().raw(size === undefined ? pairs : [[4, 1_000_000]]);
    client.send(headers(1, getFields()));
    expect(codeOf(await client.frame(FRAME.rstStream, 1))).toBe(CODE.cancel);
    await expect.poll(() => said).toContain('finish');
  });
});
