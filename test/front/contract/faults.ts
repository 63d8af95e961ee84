import { describe, expect, it } from 'vitest';
import { get, post } from '../../support/raw-client.ts';
import type { CreateFront, Script } from './front-bench.ts';
import { withFront } from './with-front.ts';

function boom(): never {
  throw new Error('boom');
}

const THROWS: readonly [string, Script, number][] = [
  ['the handler', boom, 500],
  [
    'the receiver of a chunk',
    (exchange) => exchange.body.read({ chunk: boom, end: () => {}, fail: () => {} }),
    500,
  ],
  [
    'the receiver of the end',
    (exchange) => exchange.body.read({ chunk: () => {}, end: boom, fail: () => {} }),
    500,
  ],
];

/** Faults in the handler's code end their exchange, and nothing else. */
export function describeFaults(name: string, createFront: CreateFront): void {
  describe(`${name}: faults`, () => {
    const bench = withFront(createFront);

    it.each(THROWS)('answers 500 when %s throws', async (_who, script, status) => {
      bench().use(script);
      const client = await bench().client();
      client.send(post('/', 'x'.repeat(100)));
      const answer = await client.readAnswer();
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.text)).toMatchObject({ failure: 'internal' });
      expect(answer.text).not.toContain('boom');
      expect(bench().errors.length).toBe(1);
    });

    it('cuts an answer whose sender throws', async () => {
      bench().use((exchange) => {
        exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: null });
        exchange.answer.chunk(Buffer.from('x'));
        boom();
      });
      const client = await bench().client();
      client.send(get('/'));
      expect(await client.readAnswer()).toMatchObject({ status: 200, complete: false });
    });

    it('survives callbacks that throw after the exchange', async () => {
      bench().use((exchange) => {
        exchange.answer.onFinish = boom;
        exchange.answer.fail('reset', 'r');
      });
      const client = await bench().client();
      client.send(get('/'));
      expect((await client.readAnswer()).status).toBe(502);
      bench().use((exchange) => {
        exchange.onClientGone = boom;
      });
      client.send(get('/'));
      await bench().exchange(1);
      client.reset();
      await expect.poll(() => bench().errors.length).toBe(2);
      const next = await bench().client();
      bench().use((exchange) => exchange.answer.fail('dns', 'r'));
      next.send(get('/'));
      expect((await next.readAnswer()).status).toBe(502);
    });
  });
}
