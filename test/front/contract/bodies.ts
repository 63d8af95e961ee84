import { describe, expect, it } from 'vitest';
import { get, post } from '../../support/raw-client.ts';
import { chunked } from '../../support/raw-message.ts';
import { type CreateFront, finished, gone, readBody, respond } from './front-bench.ts';
import { withFront } from './with-front.ts';

const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

/** How a body reaches its receiver. */
export function describeBodies(name: string, createFront: CreateFront): void {
  describe(`${name}: bodies of requests`, () => {
    const bench = withFront(createFront);

    it.each([
      ['a body with its length', post('/', 'hello'), 5, 'hello', []],
      ['a chunked body', CHUNKED + chunked(['he', 'llo']), null, 'hello', []],
      [
        'trailers',
        CHUNKED + chunked(['x'], ['X-Sum', '1', 'x-sum', '2']),
        null,
        'x',
        ['X-Sum', '1', 'x-sum', '2'],
      ],
      ['the body of a GET', get('/', ['Content-Length: 2']) + 'hi', 2, 'hi', []],
      ['no body', get('/'), 0, '', []],
    ])('hands on %s', async (_what, bytes, length, text, trailers) => {
      const bodies: unknown[] = [];
      bench().use(async (exchange) => {
        bodies.push(await readBody(exchange));
        respond(exchange);
      });
      const client = await bench().client();
      client.send(bytes);
      await client.readAnswer();
      expect(bodies).toEqual([{ text, bytes: text.length, trailers, failure: null }]);
      expect(bench().exchanges[0]!.body.length).toBe(length);
    });

    it('hands chunks on as they come, before the body is whole', async () => {
      const pieces: string[] = [];
      let came = (): void => {};
      bench().use((exchange) =>
        exchange.body.read({
          chunk: (bytes) => {
            pieces.push(bytes.toString());
            came();
          },
          end: () => respond(exchange),
          fail: () => {},
        }),
      );
      const client = await bench().client();
      client.send(`${CHUNKED}3\r\none\r\n`);
      await new Promise<void>((resolve) => {
        came = resolve;
      });
      expect(pieces).toEqual(['one']);
      client.send('3\r\ntwo\r\n0\r\n\r\n');
      await client.readAnswer();
      expect(pieces.join('')).toBe('onetwo');
    });

    it('stops reading while its receiver pauses, and loses nothing', async () => {
      const size = 16 * 1024 * 1024;
      let received = 0;
      bench().use((exchange) => {
        exchange.body.read({
          chunk: (bytes) => {
            received += bytes.length;
          },
          end: () => respond(exchange, { body: String(received) }),
          fail: () => {},
        });
        exchange.body.pause();
      });
      const client = await bench().client();
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
      client.send(Buffer.alloc(size));
      const exchange = await bench().exchange(0);
      // What the kernel and the buffers on the way hold is less than the body: the client is left with the rest.
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(received).toBeLessThan(256 * 1024);
      expect(client.socket.writableLength).toBeGreaterThan(0);
      exchange.body.resume();
      expect((await client.readAnswer('POST')).text).toBe(String(size));
    });

    it('says that the client left in the middle of a body, once to each', async () => {
      const said: string[] = [];
      bench().use((exchange) => {
        exchange.body.read({
          chunk: () => {},
          end: () => said.push('end'),
          fail: (failure) => said.push(failure),
        });
        exchange.onClientGone = () => said.push('gone');
        exchange.answer.onFinish = () => said.push('finish');
      });
      const client = await bench().client();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome');
      const exchange = await bench().exchange(0);
      const over = new Promise<void>((resolve) => {
        const { onFinish } = exchange.answer;
        exchange.answer.onFinish = () => {
          onFinish?.();
          resolve();
        };
      });
      client.reset();
      await over;
      expect(said).toEqual(['client_closed', 'gone', 'finish']);
    });

    it('says malformed_request when a chunk is malformed; the answer is the handler’s', async () => {
      bench().use(async (exchange) => {
        const { failure } = await readBody(exchange);
        exchange.answer.fail(failure!, 'r1');
      });
      const client = await bench().client();
      client.send(`${CHUNKED}3\r\none\r\nzz\r\n`);
      const answer = await client.readAnswer('POST');
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toMatchObject({ failure: 'malformed_request', request_id: 'r1' });
      expect(answer.header('connection')).toBe('close');
      await client.closed();
    });

    it('says so too of a request that waited behind another one', async () => {
      bench().use(async (exchange) => {
        if (exchange.head.method === 'GET') {
          setTimeout(() => respond(exchange, { body: 'first' }), 50);
          return;
        }
        exchange.answer.fail((await readBody(exchange)).failure!, 'r1');
      });
      const client = await bench().client();
      client.send(`${get('/1')}${CHUNKED}3\r\none\r\nzz\r\n`);
      expect((await client.readAnswer()).text).toBe('first');
      expect((await client.readAnswer('POST')).status).toBe(400);
      await client.closed();
    });

    it('reads an unread rest off, so that the next request is served', async () => {
      bench().use((exchange) => respond(exchange, { body: exchange.head.target }));
      const client = await bench().client();
      client.send(`${post('/one', 'x'.repeat(100_000))}${get('/two')}`);
      expect((await client.readAnswer('POST')).text).toBe('/one');
      expect((await client.readAnswer()).text).toBe('/two');
    });

    it('lets the client see an early answer to an upload too large to read off', async () => {
      bench().use((exchange) => exchange.answer.fail('body_too_large', 'r1'));
      const client = await bench().client();
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${64 * 1024 * 1024}\r\n\r\n`);
      const sending = client.sendSlowly(Array.from({ length: 16 }, () => Buffer.alloc(64 * 1024)));
      const answer = await client.readAnswer('POST');
      expect(answer).toMatchObject({ status: 413, complete: true });
      expect(answer.header('connection')).toBe('close');
      await client.closed();
      await sending;
    });

    it('does not tell a client to go on: that is the handler’s to say', async () => {
      bench().use(async (exchange) => {
        exchange.answer.informational(100, 'Continue', []);
        respond(exchange, { body: (await readBody(exchange)).text });
      });
      const client = await bench().client();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
      expect(await client.readHead()).toMatchObject({ status: 100, headers: [] });
      expect(bench().exchanges[0]!.expectsContinue).toBe(true);
      client.send('hi');
      expect((await client.readAnswer('POST')).text).toBe('hi');
      client.send(get('/again'));
      await bench().exchange(1);
    });

    it('closes after a final answer to a client that waits for 100, since nobody knows what it sends next', async () => {
      bench().use((exchange) => respond(exchange, { status: 417 }));
      const client = await bench().client();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
      const answer = await client.readAnswer('POST');
      expect(answer).toMatchObject({ status: 417, informational: [] });
      expect(answer.header('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
    });

    it('finishes an exchange whose client leaves while nobody reads its body', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(post('/', 'hello'));
      const exchange = await bench().exchange(0);
      const events = Promise.all([gone(exchange), finished(exchange)]);
      client.end();
      await events;
    });
  });

  describe(`${name}: slow bodies`, () => {
    const bench = withFront(createFront, { bodyTimeoutMs: 400 });

    it('gives up a body that pauses too long, but only while somebody reads it', async () => {
      bench().use((exchange) => {
        setTimeout(async () => exchange.answer.fail((await readBody(exchange)).failure!, 'r1'), 300);
      });
      const client = await bench().client();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome');
      const from = performance.now();
      const answer = await client.readAnswer('POST');
      expect(answer.status).toBe(408);
      expect(answer.header('connection')).toBe('close');
      expect(performance.now() - from).toBeGreaterThan(400);
    });

    it('takes a body as long as something comes', async () => {
      bench().use(async (exchange) => respond(exchange, { body: (await readBody(exchange)).text }));
      const client = await bench().client();
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n');
      for (const byte of 'hello') {
        await new Promise((resolve) => setTimeout(resolve, 70));
        client.send(byte);
      }
      expect((await client.readAnswer('POST')).text).toBe('hello');
    });
  });
}
