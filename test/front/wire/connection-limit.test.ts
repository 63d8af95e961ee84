import { describe, expect, it } from 'vitest';
import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { get, type RawClient } from '../../support/raw-client.ts';
import { readBody, respond } from '../contract/front-bench.ts';
import { withFront } from '../contract/with-front.ts';

const LIMIT = 20;
const HALF = 'GET /slow HTTP/1.1\r\nHost: a\r\n';

describe('wire front: as many connections as there may be', () => {
  const bench = withFront(createWireFront, { maxConnections: LIMIT });

  async function open(count: number, bytes: string): Promise<RawClient[]> {
    const clients: RawClient[] = [];
    for (let i = 0; i < count; i++) {
      const client = await bench().client();
      client.send(bytes);
      clients.push(client);
    }
    return clients;
  }

  it('heads that do not get done make room, the oldest first, told so and counted', async () => {
    const slow = await open(LIMIT, HALF);
    await expect.poll(() => bench().front.connections).toBe(LIMIT);
    for (let i = 0; i < 5; i++) {
      const client = await bench().client();
      client.send(get('/', ['Connection: close']));
      expect((await client.readAnswer()).status).toBe(200);
      await client.closed();
    }
    const answers = await Promise.all(slow.slice(0, 1).map((client) => client.readAnswer()));
    expect(answers.map(({ status }) => status)).toEqual([503]);
    expect(bench().rejections[0]).toMatchObject({ failure: 'over_capacity', target: '/slow' });
    // The last ones are still waited for.
    slow.at(-1)?.send('\r\n');
    expect((await slow.at(-1)?.readAnswer())?.status).toBe(200);
  });

  it('idle ones make room, without a word', async () => {
    const idle = await open(LIMIT, get('/'));
    for (const client of idle) expect((await client.readAnswer()).status).toBe(200);
    const [newcomer] = await open(1, get('/'));
    expect((await newcomer?.readAnswer())?.status).toBe(200);
    expect(await idle[0]?.closed()).toBe('end');
    expect(bench().rejections).toEqual([]);
    expect(bench().front.connections).toBeLessThanOrEqual(LIMIT);
  });

  it('requests under way are never ended for it: then a newcomer is turned away, and counted', async () => {
    bench().use(() => {});
    const busy = await open(LIMIT, get('/'));
    await bench().exchange(LIMIT - 1);
    const [newcomer] = await open(1, get('/'));
    await newcomer?.closed();
    expect(bench().rejections.map(({ failure, target }) => [failure, target])).toEqual([
      ['over_capacity', null],
    ]);
    for (const exchange of bench().exchanges) respond(exchange, { body: 'ok' });
    for (const client of busy) expect((await client.readAnswer()).text).toBe('ok');
  });

  it('a body that hardly comes makes room, one that comes does not', async () => {
    bench().use(async (exchange) => {
      const { failure } = await readBody(exchange);
      if (failure === null) respond(exchange, { body: 'ok' });
    });
    const post = (length: number): string =>
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
    const [slow] = await open(1, `${post(100)}x`);
    const fast = await open(LIMIT - 1, `${post(10_000)}${'x'.repeat(9_999)}`);
    await bench().exchange(LIMIT - 1);
    const [early] = await open(1, get('/'));
    await early?.closed();
    await new Promise((resolve) => setTimeout(resolve, 3_200));
    const [late] = await open(1, get('/'));
    expect((await late?.readAnswer())?.status).toBe(200);
    await slow?.closed();
    for (const client of fast) client.send('x');
    for (const client of fast) expect((await client.readAnswer()).text).toBe('ok');
    expect(bench().rejections.length).toBe(1);
  });
});
