import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { get, post } from '../support/raw-client.ts';
import { chunked } from '../support/raw-message.ts';
import { type CreateFront, echo, FrontBench, readBody, respond } from './front-bench.ts';

/**
 * What every front must do, seen from its socket and from its port. Each front runs all of it.
 */
export function describeFront(name: string, createFront: CreateFront): void {
  describe(`${name}: requests`, () => {
    let bench: FrontBench;
    beforeEach(async () => {
      bench = await FrontBench.start(createFront);
    });
    afterEach(() => bench.stop());

    it('hands the head on as it came', async () => {
      const client = await bench.client();
      client.send(
        'GET /a?b=%41 HTTP/1.1\r\nHost: Shop.Example:8080\r\nX-One: 1\r\nx-ONE: 2\r\nAccept:  a \r\n\r\n',
      );
      expect(await client.readAnswer()).toMatchObject({ status: 200, text: 'ok' });
      const { head, traits, peer } = bench.exchanges[0]!;
      expect(head).toEqual({
        method: 'GET',
        target: '/a?b=%41',
        minorVersion: 1,
        headers: ['Host', 'Shop.Example:8080', 'X-One', '1', 'x-ONE', '2', 'Accept', 'a'],
      });
      expect(traits).toMatchObject({ method: 'GET', host: 'shop.example', path: '/a', query: 'b=%41' });
      expect(peer).toEqual({ address: '127.0.0.1', port: client.socket.localPort, secure: false });
    });

    it.each([
      ['a body with its length', post('/', 'hello'), 'hello', []],
      [
        'a chunked body',
        `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(['he', 'llo'])}`,
        'hello',
        [],
      ],
      [
        'trailers',
        `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(['x'], ['X-Sum', '1', 'x-sum', '2'])}`,
        'x',
        ['X-Sum', '1', 'x-sum', '2'],
      ],
      ['the body of a GET', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi', 'hi', []],
      ['no body', get('/'), '', []],
    ])('hands on %s', async (_what, bytes, text, trailers) => {
      const bodies: unknown[] = [];
      bench.use(async (exchange) => {
        bodies.push(await readBody(exchange));
        respond(exchange);
      });
      const client = await bench.client();
      client.send(bytes);
      await client.readAnswer();
      expect(bodies).toEqual([{ text, bytes: text.length, trailers, failure: null }]);
    });

    it('serves one request after the other on a connection', async () => {
      bench.use((exchange) => void echo(exchange));
      const client = await bench.client();
      for (const body of ['one', 'two', 'three']) {
        client.send(post('/', body));
        expect((await client.readAnswer()).text).toBe(body);
      }
    });
  });

  describe(`${name}: answers`, () => {
    let bench: FrontBench;
    beforeEach(async () => {
      bench = await FrontBench.start(createFront);
    });
    afterEach(() => bench.stop());

    it('sends the head as it was given, and adds nothing', async () => {
      bench.use((exchange) =>
        respond(exchange, {
          status: 404,
          reason: 'Nicht da',
          headers: ['X-B', '1', 'set-COOKIE', 'a=\xe9', 'Set-Cookie', 'b'],
          body: 'no',
        }),
      );
      const client = await bench.client();
      client.send(get('/'));
      expect(await client.readAnswer()).toMatchObject({
        version: 'HTTP/1.1',
        status: 404,
        reason: 'Nicht da',
        headers: ['X-B', '1', 'set-COOKIE', 'a=\xe9', 'Set-Cookie', 'b', 'Content-Length', '2'],
      });
    });

    it('frames a body of unknown length in chunks, with trailers', async () => {
      bench.use((exchange) =>
        respond(exchange, { body: 'hello', unknownLength: true, trailers: ['X-Sum', '5'] }),
      );
      const client = await bench.client();
      client.send(get('/'));
      expect(await client.readAnswer()).toMatchObject({
        headers: ['Transfer-Encoding', 'chunked'],
        text: 'hello',
        trailers: ['X-Sum', '5'],
      });
    });
  });
}
