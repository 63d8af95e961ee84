import { expect, it } from 'vitest';
import { createFastifyFront } from '../../src/front/fastify-front.ts';
import { withFront } from '../front/contract/with-front.ts';

/** Bodies in chunks of one byte: each costs as much as one of kilobytes, unless they are put together. */

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const BYTES = 'abcdefghij'.repeat(10_000);
const TINY = [...BYTES].map((byte) => `1\r\n${byte}\r\n`).join('');

const bench = withFront(createFastifyFront);

it('reach the handler whole, in few pieces', async () => {
  bench().use(() => {});
  const client = await bench().client();
  client.send(`${HEAD}${TINY}0\r\nX-Sum: 1\r\n\r\n`);
  const { body } = await bench().exchange(0);
  const pieces: Buffer[] = [];
  const trailers = await new Promise((resolve, reject) => {
    body.read({
      chunk: (bytes) => void pieces.push(Buffer.from(bytes)),
      end: resolve,
      fail: reject,
    });
  });
  expect(Buffer.concat(pieces).equals(Buffer.from(BYTES))).toBe(true);
  expect(pieces.length).toBeLessThan(BYTES.length / 100);
  expect(trailers).toEqual(['X-Sum', '1']);
});

it('are no reason to wait: each turn’s bytes are handed on', async () => {
  bench().use(() => {});
  const client = await bench().client();
  client.send(HEAD);
  const { body } = await bench().exchange(0);
  let came: (text: string) => void = () => {};
  body.read({ chunk: (bytes) => came(bytes.toString()), end: () => {}, fail: () => {} });
  for (const byte of 'xyz') {
    const next = new Promise<string>((resolve) => {
      came = resolve;
    });
    client.send(`1\r\n${byte}\r\n`);
    expect(await next).toBe(byte);
  }
});

it('are held back under backpressure, and lose nothing', async () => {
  bench().use(() => {});
  const client = await bench().client();
  client.send(`${HEAD}${TINY}0\r\n\r\n`);
  const { body } = await bench().exchange(0);
  let text = '';
  await new Promise((resolve, reject) => {
    body.read({
      chunk: (bytes) => {
        text += bytes.toString();
        body.pause();
        setImmediate(() => body.resume());
      },
      end: resolve,
      fail: reject,
    });
  });
  expect([text.length, text === BYTES]).toEqual([BYTES.length, true]);
});
