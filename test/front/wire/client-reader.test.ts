import { describe, expect, it } from 'vitest';
import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { respond } from '../contract/front-bench.ts';
import { withFront } from '../contract/with-front.ts';

describe('the buffer that all connections are read into', () => {
  const bench = withFront(createWireFront);

  it('keeps nothing of one client for another: a head in two pieces, another request between them', async () => {
    bench().use(respond);
    const [slow, quick] = [await bench().client(), await bench().client()];
    slow.send('GET /slow HTTP/1.1\r\nHost: slow.test\r\nX-Mine: ');
    await new Promise((resolve) => setTimeout(resolve, 50));
    quick.send(`GET /quick HTTP/1.1\r\nHost: quick.test\r\nX-Other: ${'q'.repeat(500)}\r\n\r\n`);
    await quick.readAnswer();
    slow.send('yes\r\n\r\n');
    await slow.readAnswer();
    expect(bench().exchanges.map(({ head }) => [head.target, ...head.headers.slice(2)])).toEqual([
      ['/quick', 'X-Other', 'q'.repeat(500)],
      ['/slow', 'X-Mine', 'yes'],
    ]);
  });

  it('gives bodies bytes of their own: pieces that the receiver kept stay what they were', async () => {
    const kept: Buffer[] = [];
    bench().use((exchange) =>
      exchange.body.read({
        chunk: (bytes) => void kept.push(bytes),
        end: () => respond(exchange),
        fail: () => {},
      }),
    );
    const [one, other] = [await bench().client(), await bench().client()];
    one.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf');
    await expect.poll(() => kept.length).toBe(1);
    other.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n${'o'.repeat(400)}`);
    await other.readAnswer('POST');
    one.send('next');
    await one.readAnswer('POST');
    expect(kept.map(String)).toEqual(['half', 'o'.repeat(400), 'next']);
  });
});
