import { describe, expect, it } from 'vitest';
import { answered } from '../../support/http2-client.ts';
import { FLAG, FRAME, getFields, headers, windowUpdate } from '../../support/http2-frames.ts';
import { readBody, respond } from '../contract/front-bench.ts';
import { withHttp2 } from './http2-bench.ts';

describe('HTTP/2 front: answers', () => {
  const bench = withHttp2();

  it('sends the head as it was given, names in lower case, and adds nothing', async () => {
    const headers = [
      'X-B',
      '1',
      'set-COOKIE',
      'a=\xe9',
      'Content-Length',
      '2',
      'ETag',
      'x',
      'Set-Cookie',
      'b',
      'ETag',
      'y',
    ];
    bench().front.use((exchange) =>
      respond(exchange, { status: 404, reason: 'Nicht da', headers, body: 'no' }),
    );
    const answer = await bench().client().ask();
    expect(answer).toMatchObject({ status: 404, text: 'no', code: 0 });
    expect(answer.headers).toEqual(headers.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text)));
  });

  it('tells a known length that was not told', async () => {
    bench().front.use((exchange) => respond(exchange, { status: 299, body: 'abc' }));
    const answer = await bench().client().ask();
    expect(answer).toMatchObject({ status: 299, headers: ['content-length', '3'], text: 'abc' });
  });

  it('sends trailers after a body of unknown length', async () => {
    bench().front.use((exchange) =>
      respond(exchange, { body: 'hello', unknownLength: true, trailers: ['X-Sum', '5'] }),
    );
    const answer = await bench().client().ask();
    expect(answer).toMatchObject({ headers: [], text: 'hello', trailers: { 'x-sum': '5' } });
  });

  it('ends a body of known length with its last frame', async () => {
    bench().front.use((exchange) => respond(exchange, { body: 'abc' }));
    const client = await bench().raw();
    client.send(headers(1, getFields()));
    expect(await client.frame(FRAME.data, 1)).toMatchObject({ flags: FLAG.endStream });
    expect(client.bodyOf(1).toString()).toBe('abc');
  });

  it('ends it when the window opens', async () => {
    bench().front.use((exchange) => respond(exchange, { body: 'abc' }));
    const client = await bench().raw([[4, 0]]);
    client.send(headers(1, getFields()));
    await client.frame(FRAME.headers, 1);
    client.send(windowUpdate(1, 2), windowUpdate(1, 2));
    await expect.poll(() => client.bodyOf(1).toString()).toBe('abc');
    expect(client.frames.filter(({ type }) => type === FRAME.data).at(-1)?.flags).toBe(FLAG.endStream);
  });

  it('sends what it says of a connection to nobody', async () => {
    const headers = [
      'Upgrade',
      'TLS/1.3',
      'Connection',
      'upgrade',
      'Keep-Alive',
      'x',
      'Transfer-Encoding',
      'chunked',
    ];
    bench().front.use((exchange) => respond(exchange, { status: 426, headers }));
    expect(await bench().client().ask()).toMatchObject({ status: 426, headers: ['content-length', '0'] });
  });

  it.each([
    ['HEAD', 200, ['Content-Length', '500'], ['content-length', '500']],
    ['HEAD', 200, [], []],
    ['GET', 304, ['ETag', '"a"', 'Content-Length', '500'], ['etag', '"a"', 'content-length', '500']],
    ['GET', 204, ['Content-Length', '0'], []],
  ])('sends no body with %s and %i', async (method, status, headers, sent) => {
    bench().front.use((exchange) => {
      exchange.answer.head({ status, reason: 'X', headers, bodyLength: 0 });
      exchange.answer.end([]);
    });
    const client = bench().client();
    for (let i = 0; i < 2; i++)
      expect(await client.ask({ ':method': method })).toMatchObject({
        status,
        headers: sent,
        text: '',
        code: 0,
      });
  });

  it('sends every 1xx with its fields', async () => {
    bench().front.use((exchange) => {
      exchange.answer.informational(103, 'Early Hints', ['Link', '</a>; rel=preload']);
      exchange.answer.informational(102, 'Processing', []);
      respond(exchange);
    });
    const answer = await bench().client().ask();
    expect(answer.informational).toMatchObject([
      { ':status': 103, link: '</a>; rel=preload' },
      { ':status': 102 },
    ]);
    expect(answer.status).toBe(200);
  });

  it('answers a failure as a problem', async () => {
    bench().front.use((exchange) => expect(exchange.answer.fail('no_endpoint', 'req-7')).toBeGreaterThan(20));
    const answer = await bench().client().ask();
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.header('content-type')).toBe('application/problem+json');
    expect(answer.header('retry-after')).toBe('1');
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'no_endpoint', request_id: 'req-7' });
  });

  it('answers a call of gRPC in its own words', async () => {
    bench().front.use((exchange) => void exchange.answer.fail('no_endpoint', 'req-7'));
    const answer = await bench().client().ask({ ':method': 'POST', 'content-type': 'application/grpc' }, 'x');
    expect(answer).toMatchObject({ status: 200, text: '', code: 0 });
    expect(answer.header('grpc-status')).toBe('14');
    expect(answer.header('x-request-id')).toBe('req-7');
  });

  it('answers many requests at once, in any order', async () => {
    const waiting: (() => void)[] = [];
    bench().front.use((exchange) => {
      waiting.push(() => respond(exchange, { body: exchange.head.target }));
      if (waiting.length === 50) for (const answer of waiting.reverse()) answer();
    });
    const client = bench().client();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => client.ask({ ':path': `/${i}` })));
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 50 }, (_, i) => `/${i}`));
  });

  it('streams both ways at the same time', async () => {
    bench().front.use((exchange) => {
      exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
      exchange.body.read({
        chunk: (bytes) => void exchange.answer.chunk(Buffer.from(bytes)),
        end: (trailers) => exchange.answer.end(trailers),
        fail: () => exchange.answer.cut(),
      });
    });
    const stream = bench().client().open({ ':method': 'POST' }, true);
    const answer = answered(stream);
    for (const word of ['one', 'two', 'three']) {
      const echoed = new Promise((resolve) => stream.once('data', (bytes: Buffer) => resolve(String(bytes))));
      stream.write(word);
      expect(await echoed).toBe(word);
    }
    stream.end();
    expect(await answer).toMatchObject({ text: 'onetwothree', code: 0 });
  });

  it('sends a large answer as fast as it is taken, and no faster', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const total = 256;
    let sent = 0;
    bench().front.use((exchange) => {
      exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: piece.length * total });
      const more = (): void => {
        while (sent < total) {
          sent++;
          if (!exchange.answer.chunk(piece)) return;
        }
        exchange.answer.end([]);
      };
      exchange.answer.onDrain = more;
      more();
    });
    const stream = bench().client().open({});
    stream.pause();
    await bench().front.exchange(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(10);
    const answer = await answered(stream);
    expect(answer.body.length).toBe(piece.length * total);
    expect(answer.code).toBe(0);
  });

  it('cuts a broken answer, so that it does not look whole', async () => {
    bench().front.use((exchange) => {
      exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
      exchange.answer.chunk(Buffer.from('half'));
      exchange.answer.cut();
    });
    const client = bench().client();
    expect(await client.ask()).toMatchObject({ status: 200, text: 'half', code: 2 });
    bench().front.use((exchange) => respond(exchange, { body: 'whole' }));
    expect(await client.ask()).toMatchObject({ text: 'whole', code: 0 });
  });

  it.each([
    ['more', 'abcd'],
    ['less', 'ab'],
  ])('cuts an answer of %s than was promised', async (_what, body) => {
    bench().front.use((exchange) => {
      exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: 3 });
      exchange.answer.chunk(Buffer.from(body));
      exchange.answer.end([]);
    });
    expect(await bench().client().ask()).toMatchObject({ code: 2 });
  });

  it('answers before the body is whole, and wants no more of it', async () => {
    bench().front.use((exchange) => respond(exchange, { status: 413, body: 'too much' }));
    const client = bench().client();
    const stream = client.open({ ':method': 'POST' }, true);
    stream.write('some');
    expect(await answered(stream)).toMatchObject({ status: 413, text: 'too much', code: 0 });
    expect((await client.ask()).status).toBe(413);
  });

  it('calls onFinish once for each', async () => {
    let finishes = 0;
    bench().front.use((exchange) => {
      exchange.answer.onFinish = () => finishes++;
      respond(exchange, { body: 'x', unknownLength: true });
    });
    const client = bench().client();
    await client.ask();
    await client.ask();
    await expect.poll(() => finishes).toBe(2);
  });

  it('a fault in the handler ends one exchange', async () => {
    bench().front.use((exchange) => {
      if (exchange.head.target === '/bad') throw new Error('expected in this test');
      void readBody(exchange).then(() => respond(exchange, { body: 'fine' }));
    });
    const client = bench().client();
    const [bad, fine] = await Promise.all([client.ask({ ':path': '/bad' }), client.ask()]);
    expect(bad.status).toBe(500);
    expect(fine.text).toBe('fine');
    expect(bench().front.errors).toHaveLength(1);
  });
});
