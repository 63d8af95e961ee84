import { describe, expect, it } from 'vitest';
import { get } from '../../support/raw-client.ts';
import { type CreateFront, finished, gone } from './front-bench.ts';
import { withFront } from './with-front.ts';

/** What a client sees of an answer that breaks, and the handler of a client that leaves. */
export function describeBrokenAnswers(name: string, createFront: CreateFront): void {
  describe(`${name}: broken answers`, () => {
    const bench = withFront(createFront);

    it.each([
      ['chunked', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', null, false],
      ['with a length', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 100, false],
      // Its end is the connection's end: a FIN would make it look whole.
      ['ended by closing', 'GET / HTTP/1.0\r\n\r\n', null, true],
    ])('shows that a body %s is not whole', async (_how, request, bodyLength, reset) => {
      bench().use((exchange) => {
        exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength });
        exchange.answer.chunk(Buffer.from('half'));
      });
      const client = await bench().client();
      client.send(request);
      const exchange = await bench().exchange(0);
      const reading = client.readAnswer();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const over = finished(exchange);
      exchange.answer.cut();
      await over;
      const answer = await reading;
      expect(answer).toMatchObject({ complete: false, text: 'half' });
      if (reset) expect(answer.reset).toBe(true);
    });

    it.each([
      ['fewer', 'abc'],
      ['more', 'abcdefgh'],
    ])('breaks an answer with %s bytes than it promised', async (_what, body) => {
      bench().use((exchange) => {
        exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: 5 });
        exchange.answer.chunk(Buffer.from(body));
        exchange.answer.end([]);
      });
      const client = await bench().client();
      client.send(get('/'));
      const answer = await client.readAnswer();
      expect(answer.complete).toBe(false);
      await client.closed();
    });

    it.each(['end', 'reset'] as const)(
      'tells the handler that the client left before any answer (%s)',
      async (how) => {
        bench().use(() => {});
        const client = await bench().client();
        client.send(get('/'));
        const exchange = await bench().exchange(0);
        const from = performance.now();
        const both = Promise.all([gone(exchange), finished(exchange)]);
        client[how]();
        await both;
        expect(performance.now() - from).toBeLessThan(100);
      },
    );

    it('tells the handler that the client left in the middle of the answer', async () => {
      bench().use((exchange) => {
        exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: null });
        exchange.answer.chunk(Buffer.from('x'));
      });
      const client = await bench().client();
      client.send(get('/'));
      await client.readHead();
      const exchange = await bench().exchange(0);
      const both = Promise.all([gone(exchange), finished(exchange)]);
      client.destroy();
      await both;
      expect(exchange.answer.chunk(Buffer.from('y'))).toBe(true);
      exchange.answer.end([]);
    });

    it('says nothing of a client that leaves after its answer', async () => {
      let goneCalls = 0;
      bench().use((exchange) => {
        exchange.onClientGone = () => {
          goneCalls++;
        };
        exchange.answer.head({ status: 204, reason: 'No Content', headers: [], bodyLength: 0 });
        exchange.answer.end([]);
      });
      const client = await bench().client();
      client.send(get('/'));
      await client.readAnswer();
      client.send(get('/'));
      await client.readAnswer();
      client.end();
      await client.closed();
      expect(goneCalls).toBe(0);
    });
  });
}
