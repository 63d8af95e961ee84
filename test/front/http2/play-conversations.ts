import { expect } from 'vitest';
import { Http2RawClient } from '../../support/http2-raw-client.ts';
import { randomConversation } from '../../support/random-http2.ts';
import { behave } from '../contract/churn.ts';
import { readBody, respond } from '../contract/front-bench.ts';
import type { Http2Bench } from './http2-bench.ts';

/** What was played. */
export interface Played {
  readonly conversations: number;
  /** Requests that reached the handler. */
  readonly exchanges: number;
}

/** How a conversation reaches the front: in pieces, by clients that read or don't, and leave in any way. */
async function play(port: number, random: () => number): Promise<void> {
  const client = await Http2RawClient.connect(port);
  if (random() < 0.3) client.socket.pause();
  let bytes = randomConversation(random);
  while (bytes.length > 0) {
    const size = random() < 0.3 ? bytes.length : 1 + Math.floor(random() * bytes.length);
    client.send(bytes.subarray(0, size));
    bytes = bytes.subarray(size);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, random() * 15));
  if (random() < 0.5) client.socket.end();
  else client.socket.resetAndDestroy();
  client.destroy();
}

/** What `behave` throws. */
function isExpected(fields: object): boolean {
  return String((fields as { err: Error }).err).includes('expected in this test');
}

/**
 * Plays conversations until `isEnough`, twenty at a time, with a handler that does anything at all, and a sound client
 * beside them that must notice nothing. Then checks that every exchange ended once, that nothing is left open, and that
 * no fault was the router's.
 */
export async function playConversations(
  bench: Http2Bench,
  random: () => number,
  isEnough: (conversations: number) => boolean,
): Promise<Played> {
  const { front } = bench;
  const open = new Map<object, number>();
  const twice: string[] = [];
  const faults: object[] = [];
  const played = { conversations: 0, exchanges: 0 };
  front.use((exchange) => {
    if (exchange.head.target === '/sound') {
      void readBody(exchange).then(({ text }) => respond(exchange, { body: text }));
      return;
    }
    played.exchanges++;
    open.set(exchange, 0);
    exchange.answer.onFinish = () => {
      if (!open.delete(exchange)) twice.push(exchange.head.target);
    };
    behave(exchange, random);
  });
  const sound = bench.client();
  while (!isEnough(played.conversations)) {
    const broken = Array.from({ length: 20 }, () => play(front.port, random));
    expect((await sound.ask({ ':method': 'POST', ':path': '/sound' }, 'sound')).text).toBe('sound');
    await Promise.all(broken);
    played.conversations += broken.length;
    faults.push(...front.errors.filter((fields) => !isExpected(fields)));
    // What was played is not kept.
    for (const list of [front.exchanges, front.rejections, front.errors]) list.length = 0;
  }
  sound.destroy();
  await expect.poll(() => front.front.connections, { timeout: 10_000 }).toBe(0);
  await expect.poll(() => open.size).toBe(0);
  expect(twice).toEqual([]);
  expect(faults).toEqual([]);
  return played;
}
