import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFastifyFront } from '../../src/front/fastify-front.ts';
import { respond } from '../front/contract/front-bench.ts';
import { withFront } from '../front/contract/with-front.ts';
import { get } from '../support/raw-client.ts';
import { sleep, until } from '../support/until.ts';

/** One client that sends requests ahead without end, behind one whose answer does not come. */

/** More than fit into one read of 64 KiB. */
const ONE_READ = 400;
const ORDINARY = get('/more', [`X: ${'x'.repeat(300)}`]);

let parsed = 0;
const count = (): void => {
  parsed++;
};

beforeEach(() => {
  parsed = 0;
  subscribe('http.server.request.start', count);
});
afterEach(() => {
  unsubscribe('http.server.request.start', count);
});

describe('a flood of pipelined requests', () => {
  const bench = withFront(createFastifyFront, { bodyTimeoutMs: 400 });

  it('stays in the kernel, whatever node:http does to go on reading', async () => {
    bench().use(() => {});
    const client = await bench().client();
    client.send(get('/first'));
    await bench().exchange(0);
    client.send(ORDINARY.repeat(60_000));
    await until(
      () => parsed,
      (count) => count > 8,
    );
    await sleep(200);
    expect(parsed).toBeLessThan(ONE_READ);
    expect(bench().exchanges.length).toBe(1);
  });

  it('is answered whole and in order when the answers come', async () => {
    const client = await bench().client();
    const targets = Array.from({ length: 5_000 }, (_, i) => `/${i}`);
    client.send(targets.map((target) => ORDINARY.replace('/more', target)).join(''));
    for (const _ of targets) expect((await client.readAnswer()).text).toBe('ok');
    expect(bench().exchanges.map(({ head }) => head.target)).toEqual(targets);
  });

  it('does not hide for long that its client is gone', async () => {
    bench().use(() => {});
    const client = await bench().client();
    client.send(get('/first'));
    await bench().exchange(0);
    client.send(ORDINARY.repeat(100));
    await until(
      () => parsed,
      (count) => count > 50,
    );
    client.reset();
    await until(
      () => bench().front.connections,
      (open) => open === 0,
      { withinMs: 2_000 },
    );
  });
  it('of some bytes each, of which thousands come in one read, ends the connection and nothing else', async () => {
    bench().use(() => {});
    const [flooding, other] = [await bench().client(), await bench().client()];
    flooding.send(get('/first'));
    other.send(get('/other'));
    await bench().exchange(1);
    flooding.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2_000));
    await flooding.closed();
    expect(bench().exchanges.length).toBe(2);
    expect(parsed).toBeLessThan(ONE_READ);
    respond(bench().exchanges.find(({ head }) => head.target === '/other')!, { body: 'fine' });
    expect((await other.readAnswer()).text).toBe('fine');
    expect(bench().errors).toEqual([]);
  });
  it.each([
    ['a refusal', 'GET / HTTP/1.1\r\n\r\n'],
    ['an answer that closes', get('/', ['Connection: close'])],
  ])('is not parsed while the connection lingers behind %s', async (_what, request) => {
    const client = await bench().client();
    client.send(request);
    await client.readAnswer();
    const before = parsed;
    for (let i = 0; i < 20; i++) client.send(ORDINARY.repeat(100));
    await client.closed();
    expect(parsed - before).toBe(0);
  });
});
