import { describe, expect, it } from 'vitest';
import type { ClientExchange } from '../../../src/model/exchange.ts';
import { get, post } from '../../support/raw-client.ts';
import { chunked } from '../../support/raw-message.ts';
import { type CreateFront, type FrontBench, readBody, respond } from './front-bench.ts';
import { withFront } from './with-front.ts';

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
export const REQUESTS = [
  get('/'),
  get('/').repeat(5),
  post('/', 'x'.repeat(20_000)),
  post('/', 'x'.repeat(400_000)),
  `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(['a', 'b'.repeat(30_000)])}`,
  get('/ws', UPGRADE),
  get('/', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: x']),
  'nonsense\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  get('/', ['Expect: 100-continue', 'Content-Length: 3']),
];

/** The same sequence on every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Does one of many things with an exchange, now or a little later. */
export function behave(exchange: ClientExchange, random: () => number): void {
  const choice = random();
  const act = (): void => {
    if (exchange.upgrade !== null && choice < 0.5) {
      const { socket } = exchange.answer.switchProtocols({
        status: 101,
        reason: 'X',
        headers: ['Upgrade', 'websocket'],
        bodyLength: 0,
      });
      socket.on('error', () => {});
      socket.on('end', () => socket.end());
      socket.resume();
    } else if (choice < 0.4)
      respond(exchange, { body: 'x'.repeat(choice * 100_000), unknownLength: choice < 0.2 });
    else if (choice < 0.6) void readBody(exchange).then(({ text }) => respond(exchange, { body: text }));
    else if (choice < 0.7) exchange.answer.fail('reset', 'r');
    else if (choice < 0.8) {
      exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: null });
      exchange.answer.chunk(Buffer.from('half'));
      exchange.answer.cut();
    } else if (choice < 0.9) throw new Error('expected in this test');
    else setTimeout(() => respond(exchange), 300);
  };
  if (random() < 0.5 && choice < 0.8) setTimeout(act, random() * 10);
  else act();
}

async function churn(bench: FrontBench, random: () => number): Promise<void> {
  const client = await bench.client();
  const bytes = Array.from(
    { length: 1 + Math.floor(random() * 3) },
    () => REQUESTS[Math.floor(random() * REQUESTS.length)],
  ).join('');
  client.send(bytes.slice(0, random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length));
  await new Promise((resolve) => setTimeout(resolve, random() * 20));
  if (random() < 0.5) client.reset();
  else client.end();
  await client.closed();
  client.destroy();
}

/** Clients that come, do anything at all, and leave at any moment. */
export function describeChurn(name: string, createFront: CreateFront): void {
  describe(`${name}: churn`, () => {
    const bench = withFront(createFront);

    it('leaves nothing behind: every exchange ends once, every connection is let go', async () => {
      const random = seeded(42);
      const ends = new Map<ClientExchange, number>();
      bench().use((exchange) => {
        ends.set(exchange, 0);
        exchange.answer.onFinish = () => ends.set(exchange, (ends.get(exchange) ?? 0) + 1);
        behave(exchange, random);
      });
      for (let round = 0; round < 15; round++) {
        await Promise.all(Array.from({ length: 40 }, () => churn(bench(), random)));
      }
      await expect.poll(() => bench().front.connections, { timeout: 10_000 }).toBe(0);
      expect(ends.size).toBeGreaterThan(300);
      const tunnels = [...ends].filter(
        ([exchange, count]) => exchange.upgrade !== null && count === 0,
      ).length;
      const wrong = [...ends].filter(
        ([exchange, count]) => count !== 1 && !(exchange.upgrade !== null && count === 0),
      );
      expect(wrong.map(([exchange, count]) => [exchange.head.method, count])).toEqual([]);
      expect(tunnels).toBeGreaterThan(0);
      const unexpected = bench().errors.filter(
        (fields) => !String((fields as { err: Error }).err).includes('expected in this test'),
      );
      expect(unexpected).toEqual([]);
    });
  });
}
