import { describe, expect, it } from 'vitest';
import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { createHeldBytes } from '../../../src/live/held-bytes.ts';
import type { HeldBytes } from '../../../src/model/held-bytes.ts';
import { get } from '../../support/raw-client.ts';
import { respond } from '../contract/front-bench.ts';
import { withFront } from '../contract/with-front.ts';

const LIMIT = 40_000;

describe('wire front: what clients sent and nobody wants yet', () => {
  let heldBytes: HeldBytes = createHeldBytes(LIMIT);
  const bench = withFront((options) => {
    heldBytes = createHeldBytes(LIMIT);
    return createWireFront({ ...options, heldBytes });
  });
  const half = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(10_000)}`;

  it('is counted, and given back when it is read, or its client leaves', async () => {
    const [one, other] = [await bench().client(), await bench().client()];
    one.send(half);
    other.send(half);
    await expect.poll(() => heldBytes.held).toBe(2 * half.length);
    one.send('\r\n\r\n');
    expect((await one.readAnswer()).status).toBe(200);
    await expect.poll(() => heldBytes.held).toBe(half.length);
    other.reset();
    await expect.poll(() => heldBytes.held).toBe(0);
  });

  it('is refused where all together hold too much; who comes with a whole request is served', async () => {
    const slow = await Promise.all(Array.from({ length: 3 }, () => bench().client()));
    for (const client of slow) client.send(half);
    await expect.poll(() => heldBytes.held).toBe(3 * half.length);
    const late = await bench().client();
    late.send(half);
    const answer = await late.readAnswer();
    expect(answer).toMatchObject({ status: 503, complete: true });
    expect(answer.header('retry-after')).toBe('1');
    expect(bench().rejections.map(({ failure }) => failure)).toEqual(['over_capacity']);
    await late.closed();
    const other = await bench().client();
    other.send(get('/'));
    expect((await other.readAnswer()).status).toBe(200);
    for (const client of slow) client.reset();
    await expect.poll(() => heldBytes.held).toBe(0);
  });

  it('is not read ahead where all together hold too much, and is when there is room again', async () => {
    bench().use((exchange) => {
      if (exchange.head.target !== '/wait') respond(exchange, { body: 'ok' });
    });
    const hog = await bench().client();
    hog.send(`${get('/wait')}${get('/2', [`X: ${'x'.repeat(20_000)}`]).repeat(3)}`);
    await expect.poll(() => heldBytes.isFull).toBe(true);
    const client = await bench().client();
    client.send(get('/wait'));
    const waiting = await bench().exchange(1);
    client.send(get('/3'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bench().exchanges.length).toBe(2);
    hog.reset();
    await expect.poll(() => heldBytes.isFull).toBe(false);
    respond(waiting, { body: 'late' });
    expect((await client.readAnswer()).text).toBe('late');
    expect((await client.readAnswer()).text).toBe('ok');
    await expect.poll(() => heldBytes.held).toBe(0);
  });
});
