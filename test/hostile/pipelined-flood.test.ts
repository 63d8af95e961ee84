import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFastifyFront } from '../../src/front/fastify-front.ts';
import { withFront } from '../front/contract/with-front.ts';
import { get } from '../support/raw-client.ts';
import { sleep, until } from '../support/until.ts';

/** One client that sends requests ahead without end, behind one whose answer does not come. */

/** Requests that fit into one read of 64 KiB, with room to spare; each costs some kilobytes once it was parsed. */
const ONE_READ = 3_000;
const FLOOD = 60_000;

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
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(FLOOD));
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
    client.send(targets.map((target) => get(target)).join(''));
    for (const _ of targets) expect((await client.readAnswer()).text).toBe('ok');
    expect(bench().exchanges.map(({ head }) => head.target)).toEqual(targets);
  });

  it('does not hide for long that its client is gone', async () => {
    bench().use(() => {});
    const client = await bench().client();
    client.send(get('/first'));
    await bench().exchange(0);
    client.send(get('/more').repeat(100));
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
});
