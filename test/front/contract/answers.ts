import { describe, expect, it } from 'vitest';
import { get } from '../../support/raw-client.ts';
import { type CreateFront, finished, respond } from './front-bench.ts';
import { withFront } from './with-front.ts';

/** How an answer reaches the client. */
export function describeAnswers(name: string, createFront: CreateFront): void {
  describe(`${name}: answers`, () => {
    const bench = withFront(createFront);

    it('sends the head as it was given, and adds nothing', async () => {
      const headers = ['X-B', '1', 'set-COOKIE', 'a=\xe9', 'Content-Length', '2', 'Set-Cookie', 'b'];
      bench().use((exchange) => respond(exchange, { status: 404, reason: 'Nicht da', headers, body: 'no' }));
      const client = await bench().client();
      client.send(get('/'));
      expect(await client.readAnswer()).toMatchObject({
        version: 'HTTP/1.1',
        status: 404,
        reason: 'Nicht da',
        headers,
        text: 'no',
      });
    });

    it('tells a known length that was not told, and an empty reason', async () => {
      bench().use((exchange) => respond(exchange, { status: 299, reason: '', body: 'abc' }));
      const client = await bench().client();
      client.send(get('/'));
      expect(await client.readAnswer()).toMatchObject({
        status: 299,
        reason: '',
        headers: ['Content-Length', '3'],
        text: 'abc',
      });
    });

    it('frames a body of unknown length in chunks, with trailers', async () => {
      bench().use((exchange) =>
        respond(exchange, { body: 'hello', unknownLength: true, trailers: ['X-Sum', '5', 'x-sum', '\xe9'] }),
      );
      const client = await bench().client();
      client.send(get('/'));
      expect(await client.readAnswer()).toMatchObject({
        headers: ['Transfer-Encoding', 'chunked'],
        text: 'hello',
        trailers: ['X-Sum', '5', 'x-sum', '\xe9'],
      });
      client.send(get('/'));
      expect((await client.readAnswer()).status).toBe(200);
    });

    it('sends each chunk at once', async () => {
      bench().use((exchange) =>
        exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: null }),
      );
      const client = await bench().client();
      client.send(get('/'));
      expect((await client.readHead()).status).toBe(200);
      const { answer } = await bench().exchange(0);
      answer.chunk(Buffer.from('data: 1\n\n'));
      expect(await client.reader.line()).toBe('9');
      expect((await client.reader.exactly(11)).toString()).toBe('data: 1\n\n\r\n');
      answer.end([]);
    });

    it.each([
      ['HEAD', 200, ['Content-Length', '500'], ['Content-Length', '500']],
      ['HEAD', 200, [], []],
      ['GET', 304, ['ETag', '"a"', 'Content-Length', '500'], ['ETag', '"a"', 'Content-Length', '500']],
      // RFC 9110 section 8.6: a 204 must not hold a Content-Length.
      ['GET', 204, ['Content-Length', '0'], []],
    ])('sends no body with %s and %i', async (method, status, headers, sent) => {
      bench().use((exchange) => {
        exchange.answer.head({ status, reason: 'X', headers, bodyLength: 0 });
        exchange.answer.end([]);
      });
      const client = await bench().client();
      for (let i = 0; i < 2; i++) {
        client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
        expect(await client.readAnswer(method)).toMatchObject({ status, headers: sent, framing: 'none' });
      }
    });

    it('sends every 1xx with its fields', async () => {
      bench().use((exchange) => {
        exchange.answer.informational(103, 'Early Hints', ['Link', '</a>; rel=preload', 'LINK', '</b>']);
        exchange.answer.informational(102, 'Processing', []);
        exchange.answer.informational(199, '', ['X', '\xe9']);
        respond(exchange);
      });
      const client = await bench().client();
      client.send(get('/'));
      const answer = await client.readAnswer();
      expect(answer.informational.map(({ status, reason, headers }) => [status, reason, headers])).toEqual([
        [103, 'Early Hints', ['Link', '</a>; rel=preload', 'LINK', '</b>']],
        [102, 'Processing', []],
        [199, '', ['X', '\xe9']],
      ]);
      expect(answer.status).toBe(200);
    });

    it('says when to stop and when to go on', async () => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      let drains = 0;
      let sent = 0;
      const total = 256;
      bench().use((exchange) => {
        exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: piece.length * total });
        const more = (): void => {
          while (sent < total) {
            sent++;
            if (!exchange.answer.chunk(piece)) return;
          }
          exchange.answer.end([]);
        };
        exchange.answer.onDrain = () => {
          drains++;
          more();
        };
        more();
      });
      const client = await bench().client();
      client.send(get('/'));
      await bench().exchange(0);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(sent).toBeLessThan(total);
      const answer = await client.readAnswer();
      expect(answer.body.length).toBe(piece.length * total);
      expect(drains).toBeGreaterThan(0);
    });

    it('calls onFinish once, when the last byte is out', async () => {
      let finishes = 0;
      bench().use((exchange) => {
        exchange.answer.onFinish = () => {
          finishes++;
        };
        respond(exchange, { body: 'x', unknownLength: true });
      });
      const client = await bench().client();
      client.send(get('/'));
      await client.readAnswer();
      client.send(get('/'));
      await client.readAnswer();
      expect(finishes).toBe(2);
      client.destroy();
    });

    it.each([
      [undefined, 'application/problem+json'],
      ['*/*', 'application/problem+json'],
      ['application/json', 'application/problem+json'],
      ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/plain; charset=utf-8'],
      ['text/plain', 'text/plain; charset=utf-8'],
    ])('answers a failure by what is accepted: %s', async (accept, type) => {
      bench().use((exchange) => expect(exchange.answer.fail('no_endpoint', 'req-7')).toBeGreaterThan(20));
      const client = await bench().client();
      client.send(get('/', accept === undefined ? [] : [`Accept: ${accept}`]));
      const answer = await client.readAnswer();
      expect(answer).toMatchObject({ status: 503, reason: 'Service Unavailable' });
      expect(answer.header('content-type')).toBe(type);
      expect(answer.header('retry-after')).toBe('1');
      expect(answer.text).toContain('no_endpoint');
      expect(answer.text).toContain('req-7');
      client.send(get('/'));
      expect((await client.readAnswer()).status).toBe(503);
      expect(bench().errors).toEqual([]);
    });

    it.each(['ambiguous_path', 'ambiguous_query', 'malformed_request'] as const)(
      'closes the connection after %s, of which somebody else may think otherwise',
      async (failure) => {
        bench().use((exchange) => void exchange.answer.fail(failure, 'r'));
        const client = await bench().client();
        client.send(`${get('/')}${get('/ahead')}`);
        expect(await client.readAnswer()).toMatchObject({ status: 400, complete: true });
        expect(await client.closed()).toBe('end');
        expect(bench().exchanges.length).toBe(1);
      },
    );

    it('answers a failed HEAD without a body', async () => {
      const sizes: number[] = [];
      bench().use((exchange) => void sizes.push(exchange.answer.fail('reset', 'r')));
      const client = await bench().client();
      client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
      const answer = await client.readAnswer('HEAD');
      expect(answer.status).toBe(502);
      expect(Number(answer.header('content-length'))).toBeGreaterThan(0);
      client.send(get('/'));
      expect((await client.readAnswer()).text).toContain('reset');
      expect(sizes).toEqual([0, Number(answer.header('content-length'))]);
    });
  });

  describe(`${name}: clients that do not read`, () => {
    const bench = withFront(createFront, { bodyTimeoutMs: 300 });

    it('are cut when they take nothing for too long', async () => {
      bench().use((exchange) => {
        const piece = Buffer.alloc(1024 * 1024);
        exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: null });
        exchange.answer.onDrain = () => exchange.answer.chunk(piece);
        while (exchange.answer.chunk(piece));
      });
      const client = await bench().client();
      client.send(get('/'));
      const exchange = await bench().exchange(0);
      await finished(exchange);
    });
  });
}
