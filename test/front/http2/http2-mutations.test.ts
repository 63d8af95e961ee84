import { describe, expect, it } from 'vitest';
import {
  data,
  FLAG,
  FRAME,
  frame,
  getFields,
  headerBlock,
  headers,
  PREFACE,
  ping,
  postFields,
  reset,
  settings,
  windowUpdate,
} from '../../support/http2-frames.ts';
import { Http2RawClient } from '../../support/http2-raw-client.ts';
import { seeded } from '../../support/seeded.ts';
import { readBody, respond } from '../contract/front-bench.ts';
import { withHttp2 } from './http2-bench.ts';

/** A conversation that has a bit of everything. */
const SOUND = Buffer.concat([
  PREFACE,
  settings([
    [4, 100_000],
    [1, 0],
  ]),
  headers(1, getFields('/a', ['cookie', 'a=1', 'cookie', 'b=2', 'te', 'trailers'])),
  headers(3, postFields('/b', ['content-length', '6']), FLAG.endHeaders),
  data(3, 'abc'),
  windowUpdate(0, 5000),
  data(3, 'def', FLAG.endStream),
  ping(),
  frame(FRAME.headers, { stream: 5, payload: headerBlock(postFields('/c')) }),
  frame(FRAME.continuation, { stream: 5, flags: FLAG.endHeaders, payload: headerBlock(['x', 'y']) }),
  frame(FRAME.data, { stream: 5, flags: FLAG.padded, payload: Buffer.from([2, 120, 0, 0]) }),
  headers(5, ['x-sum', '1']),
  windowUpdate(5, 10),
  frame(FRAME.priority, { stream: 7, payload: Buffer.from([0, 0, 0, 3, 7]) }),
  headers(7, getFields('/d')),
  reset(7),
  frame(0x33, { payload: Buffer.from('whatever') }),
  headers(9, getFields('/e')),
]);

function mutated(random: () => number): Buffer {
  const bytes = Buffer.from(SOUND);
  const count = 1 + Math.floor(random() * 4);
  for (let i = 0; i < count; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  if (random() < 0.7) return bytes;
  // A piece is lost, or comes twice.
  const at = Math.floor(random() * bytes.length);
  const other = Math.floor(random() * bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(other)]);
}

describe('HTTP/2 front: broken conversations', () => {
  const bench = withHttp2({ headerTimeoutMs: 500, keepAliveMs: 1000, bodyTimeoutMs: 500 });

  it('end no other, are no fault of the router’s, and leave nothing behind', async () => {
    const random = seeded(20);
    const ends = new Map<object, number>();
    bench().front.use(async (exchange) => {
      ends.set(exchange, 0);
      exchange.answer.onFinish = () => ends.set(exchange, (ends.get(exchange) ?? 0) + 1);
      const { failure, text } = await readBody(exchange);
      if (failure === null) respond(exchange, { body: text, unknownLength: true, trailers: ['x', 'y'] });
      else exchange.answer.fail(failure, 'r');
    });
    const sound = bench().client();
    for (let round = 0; round < 20; round++) {
      const broken = Array.from({ length: 25 }, async () => {
        const client = await Http2RawClient.connect(bench().front.port);
        const bytes = mutated(random);
        const cut = Math.floor(random() * bytes.length);
        client.send(bytes.subarray(0, cut));
        await new Promise((resolve) => setImmediate(resolve));
        client.send(bytes.subarray(cut));
        client.socket.end();
        await client.closed();
        client.destroy();
      });
      expect((await sound.ask({ ':method': 'POST' }, 'sound')).text).toBe('sound');
      await Promise.all(broken);
    }
    expect(bench().front.errors).toEqual([]);
    sound.destroy();
    await expect.poll(() => bench().front.front.connections, { timeout: 5000 }).toBe(0);
    expect(ends.size).toBeGreaterThan(300);
    expect([...ends.values()].filter((count) => count !== 1)).toEqual([]);
  });
});
