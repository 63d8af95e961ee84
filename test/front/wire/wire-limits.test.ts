import { describe, expect, it } from 'vitest';
import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { get } from '../../support/raw-client.ts';
import { chunked } from '../../support/raw-message.ts';
import { gone, readBody, respond } from '../contract/front-bench.ts';
import { withFront } from '../contract/with-front.ts';

describe('wire front: limits while reading', () => {
  const bench = withFront(createWireFront, { maxHeaderBytes: 8192, maxUrlBytes: 2048, maxHeaders: 20 });

  it.each([
    ['a target', `GET /${'a'.repeat(2100)}`, 414],
    ['a field', `GET / HTTP/1.1\r\nX: ${'x'.repeat(8200)}`, 431],
    ['fields', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(21)}`, 431],
    ['a method', 'M'.repeat(8200), 431],
    ['a byte that no head may hold', 'GET / HTTP/1.1\r\nX: a\0', 400],
    ['a version that is none', 'GET / HTTP/1\r\n', 400],
    ['another version', 'GET / HTTP/2.0\r\n', 505],
  ])('%s: refused before the head is whole', async (_what, bytes, status) => {
    const client = await bench().client();
    client.send(bytes);
    expect((await client.readAnswer()).status).toBe(status);
    expect(await client.closed()).toBe('end');
    expect(bench().rejections.length).toBe(1);
  });

  it('a head of exactly the limit passes, one byte more does not', async () => {
    const head = (size: number): string => {
      const empty = get('/', ['X: ']).length;
      return get('/', [`X: ${'x'.repeat(size - empty)}`]);
    };
    const client = await bench().client();
    client.send(head(8192));
    expect((await client.readAnswer()).status).toBe(200);
    client.send(head(8193));
    expect((await client.readAnswer()).status).toBe(431);
  });

  it('says what it knows of a request that failed in the middle', async () => {
    const client = await bench().client();
    client.send('GET /x HTTP/1.1\r\nUser-Agent: curl\r\nAccept: text/plain\r\nbroken\r\n');
    const answer = await client.readAnswer();
    expect(answer.header('content-type')).toBe('text/plain; charset=utf-8');
    expect(bench().rejections).toMatchObject([{ method: 'GET', target: '/x', userAgent: 'curl' }]);
  });
});

describe('wire front: heads that dribble', () => {
  const bench = withFront(createWireFront, { headerTimeoutMs: 200 });

  it.each([
    ['that do not end', '', 'request_timeout'],
    ['whose end is malformed', 'X : y\r\n\r\n', 'malformed_request'],
    ['that are refused when they are whole', 'Host: b\r\n\r\n', 'malformed_request'],
  ])('%s: their refusal is timed from the first byte', async (_what, rest, failure) => {
    const client = await bench().client();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n');
    await new Promise((resolve) => setTimeout(resolve, 100));
    client.send(rest);
    await client.readAnswer();
    const refused = await bench().rejection(0);
    expect(refused.failure).toBe(failure);
    expect(performance.now() - refused.startedAt).toBeGreaterThan(90);
  });
});

describe('wire front: bodies that dribble', () => {
  const bench = withFront(createWireFront, { bodyTimeoutMs: 200 });

  it.each([
    ['a chunk size', '0'],
    ['an extension', '1;'],
    ['trailers', '0\r\nX: '],
  ])('%s does not count as progress', async (_what, begin) => {
    bench().use(async (exchange) => exchange.answer.fail((await readBody(exchange)).failure!, 'r'));
    const client = await bench().client();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${begin}`);
    const dribble = setInterval(() => client.send('0'), 30);
    const answer = await client.readAnswer('POST');
    clearInterval(dribble);
    // A chunk size runs out of digits before it runs out of time.
    expect([400, 408]).toContain(answer.status);
    await client.closed();
  });

  it('nothing is given up while its receiver pauses', async () => {
    let failed = false;
    bench().use((exchange) => {
      exchange.body.read({
        chunk: () => {},
        end: () => respond(exchange, { body: 'whole' }),
        fail: () => {
          failed = true;
        },
      });
      setTimeout(() => exchange.body.pause(), 20);
    });
    const client = await bench().client();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na');
    const exchange = await bench().exchange(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(failed).toBe(false);
    client.send('b');
    exchange.body.resume();
    expect((await client.readAnswer('POST')).text).toBe('whole');
  });

  it('a rest that nobody reads is given a second', async () => {
    bench().use((exchange) => respond(exchange, { body: 'early' }));
    const client = await bench().client();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n');
    expect((await client.readAnswer('POST')).text).toBe('early');
    const from = performance.now();
    await client.closed();
    expect(performance.now() - from).toBeLessThan(2500);
  });
});

describe('wire front: clients that left with much sent ahead', () => {
  const bench = withFront(createWireFront, { headerTimeoutMs: 500 });
  const AHEAD = get('/', [`X: ${'x'.repeat(100)}`]).repeat(1400); // some 180 KiB

  it.each([
    ['were reset', 'reset', AHEAD.repeat(6)],
    ['went', 'end', AHEAD],
  ] as const)('are noticed when they %s', async (_what, how, ahead) => {
    bench().use((exchange) => {
      if (bench().exchanges.length === 1) respond(exchange, { body: 'unread' });
    });
    const client = await bench().client();
    client.send(ahead);
    const waiting = await bench().exchange(1);
    const from = performance.now();
    const left = gone(waiting);
    client[how]();
    await left;
    expect(performance.now() - from).toBeLessThan(2000);
    await expect.poll(() => bench().front.connections).toBe(0);
  });

  it('hold no more than a bounded part of it', async () => {
    bench().use(() => {});
    const client = await bench().client();
    client.send(AHEAD.repeat(100));
    await bench().exchange(0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(client.socket.writableLength).toBeGreaterThan(8 * 1024 * 1024);
    expect(bench().exchanges.length).toBe(1);
  });
});

describe('wire front: pieces', () => {
  const bench = withFront(createWireFront);

  it('hands head and body on in one turn when they came together', async () => {
    const turns: number[] = [];
    let turn = 0;
    bench().use((exchange) => {
      setImmediate(() => turn++);
      exchange.body.read({
        chunk: () => turns.push(turn),
        end: () => {
          turns.push(turn);
          respond(exchange);
        },
        fail: () => {},
      });
    });
    const client = await bench().client();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(['a', 'b'])}`);
    await client.readAnswer('POST');
    expect(turns).toEqual([0, 0]);
  });

  it('stops in the middle of what came when the receiver pauses', async () => {
    const pieces: string[] = [];
    const [a, b, c] = ['a'.repeat(5000), 'b'.repeat(5000), 'c'.repeat(5000)];
    bench().use((exchange) =>
      exchange.body.read({
        chunk: (bytes) => {
          pieces.push(bytes.toString());
          exchange.body.pause();
          setTimeout(() => exchange.body.resume(), 5);
        },
        end: () => respond(exchange, { body: pieces.join('') }),
        fail: () => {},
      }),
    );
    const client = await bench().client();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked([a, b, c])}`);
    await bench().exchange(0);
    expect(pieces.length).toBeLessThan(3);
    expect((await client.readAnswer('POST')).text).toBe(a + b + c);
  });

  it('hands tiny chunks that came together on together', async () => {
    const pieces: number[] = [];
    bench().use((exchange) =>
      exchange.body.read({
        chunk: (bytes) => pieces.push(bytes.length),
        end: () => respond(exchange),
        fail: () => {},
      }),
    );
    const client = await bench().client();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    await bench().exchange(0);
    client.send(chunked(Array.from({ length: 5000 }, () => 'x')));
    await client.readAnswer('POST');
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(5000);
    expect(pieces.length).toBeLessThan(20);
  });

  it('says what it knows of a request line that is malformed', async () => {
    for (const line of ['GET /a HTTP/1', 'GET /a\tb HTTP/1.1', `GET /a${'a'.repeat(20_000)} HTTP/1.1`]) {
      const client = await bench().client();
      client.send(`${line}\r\nHost: a\r\n\r\n`);
      await client.readAnswer();
    }
    const said = bench().rejections.map(({ method, target }) => [method, target?.slice(0, 2)]);
    expect(said).toEqual(Array.from({ length: 3 }, () => ['GET', '/a']));
    expect(bench().rejections[2]!.target!.length).toBe(1024);
  });

  it('sees a client leave while its small body is not read', async () => {
    bench().use((exchange) =>
      exchange.body.read({ chunk: () => exchange.body.pause(), end() {}, fail() {} }),
    );
    const client = await bench().client();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n`);
    const exchange = await bench().exchange(0);
    const left = gone(exchange);
    client.end();
    await left;
  });

  it('answers a thousand pipelined requests in order', async () => {
    bench().use((exchange) => respond(exchange, { body: exchange.head.target }));
    const client = await bench().client();
    client.send(Array.from({ length: 1000 }, (_, i) => get(`/${i}`)).join(''));
    for (let i = 0; i < 1000; i++) expect((await client.readAnswer()).text).toBe(`/${i}`);
  });
});
