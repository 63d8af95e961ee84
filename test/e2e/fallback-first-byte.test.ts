import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FallbackShop } from '../support/fallback-shop.ts';
import { get, post, RawClient } from '../support/raw-client.ts';

/**
 * Whatever bytes a feature sends before it breaks off: the client gets a whole answer of legacy, or what the feature
 * sent, and never both; legacy is asked only as long as the head of the feature's answer was not whole; a write reaches
 * one backend at most.
 */

let shop: FallbackShop;
beforeAll(async () => {
  shop = await FallbackShop.start({ orders: ['fallback: true', 'timeouts: { response: 10s, idle: 10s }'] });
});
afterAll(() => shop.stop());

const ANSWERS = [
  'HTTP/1.1 200 OK\r\nX-From: feature\r\nContent-Length: 20\r\n\r\nfeature answers this',
  'HTTP/1.1 200 OK\r\nX-From: feature\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nfeature\r\nd\r\n answers this\r\n0\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </f.css>\r\n\r\nHTTP/1.1 404 Not Found\r\nX-From: feature\r\nContent-Length: 7\r\n\r\nfeature',
  'HTTP/1.1 503 No\r\nX-From: feature\r\nContent-Length: 7\r\n\r\nfeature',
  'HTTP/1.1 501 No\r\nX-From: feature\r\nContent-Length: 7\r\n\r\nfeature',
] as const;

const cases = fc.record({
  answer: fc.constantFrom(...ANSWERS),
  /** How much of it is sent, and in which pieces. */
  portion: fc.double({ min: 0, max: 1, noNaN: true }),
  pieces: fc.integer({ min: 1, max: 4 }),
  ending: fc.constantFrom('reset', 'end', 'end after a while'),
  method: fc.constantFrom('GET', 'POST'),
});

it('no byte of legacy follows one of the feature', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ answer, portion, pieces, ending, method }) => {
      shop.reset();
      const sent = answer.slice(0, Math.floor(portion * answer.length));
      shop.feature.use(async (request, reply) => {
        await request.body();
        reply.takeOver();
        const size = Math.ceil(sent.length / pieces) || 1;
        for (let at = 0; at < sent.length; at += size) {
          reply.write(sent.slice(at, at + size));
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (ending === 'end after a while') await new Promise((resolve) => setTimeout(resolve, 5));
        if (ending === 'reset') reply.reset();
        else reply.end();
      });
      const client = await RawClient.connect(shop.router.port);
      client.send(method === 'GET' ? get('/orders') : post('/orders', 'a write'));
      const got = await client.readAnswer(method);
      client.destroy();

      const isLegacys = got.header('x-from') === 'legacy';
      if (isLegacys) expect(got).toMatchObject({ status: 200, complete: true });
      if (isLegacys) expect(got.text).toBe(method === 'GET' ? 'legacy got ' : 'legacy got a write');
      else expect(got.text).not.toContain('legacy');
      expect(shop.legacy.requests.length).toBe(isLegacys ? 1 : 0);
      // A POST goes on only after a 501: then the feature has done nothing.
      if (method === 'POST' && isLegacys) expect(sent).toContain('501 No');
      expect(shop.feature.requests.length).toBeLessThanOrEqual(method === 'POST' ? 1 : 2);
    }),
    { numRuns: 250 },
  );
});
