import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { residentBytes, watchMemory } from '../support/process-memory.ts';
import type { Script } from '../support/raw-backend.ts';
import { get, post, RawClient } from '../support/raw-client.ts';
import { ShadowShop } from '../support/shadow-shop.ts';
import { timedLoad } from '../support/timed-load.ts';
import { until } from '../support/until.ts';

/** A feature that does its worst with copies harms nothing that is served. */

const MIB = 2 ** 20;
const REQUESTS = 300;

let shop: ShadowShop;

beforeAll(async () => {
  shop = await ShadowShop.open({
    shadow: ['writes: [POST]', 'timeout: 1s', 'noise: 10%', 'max_in_flight: 16'],
  });
});

beforeEach(() => shop.reset());

afterAll(() => shop.close());

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const CHUNK = `10000\r\n${'x'.repeat(0x10000)}\r\n`;

/** As long as the router reads. */
const endless: Script = async (request, reply) => {
  reply.takeOver();
  reply.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  let isGone = false;
  void request.gone.then(() => {
    isGone = true;
  });
  const more = (): void => {
    if (isGone || reply.socket.destroyed) return;
    if (reply.socket.write(CHUNK, 'latin1')) setImmediate(more);
    else reply.socket.once('drain', more);
  };
  more();
};

/** Fields until the router has had enough of them. */
const aMillionHeaders: Script = async (_, reply) => {
  reply.takeOver();
  const lines = Array.from({ length: 10_000 }, (_, i) => `X-${i}: ${i}\r\n`).join('');
  reply.write(HEAD);
  for (let i = 0; i < 100 && !reply.socket.destroyed; i++) {
    if (!reply.socket.write(lines)) await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const dripping: Script = (request, reply) => {
  reply.takeOver();
  reply.write(`${HEAD}Content-Length: 100000\r\n\r\n`);
  const timer = setInterval(() => reply.write('x'), 20);
  void request.gone.then(() => clearInterval(timer));
};

const bomb = gzipSync(Buffer.alloc(64 * MIB));

const HOSTILE: readonly [string, Script][] = [
  ['hangs', () => new Promise(() => {})],
  ['never takes the body', (_, reply) => void reply.takeOver()],
  ['has a body without end', endless],
  ['drips', dripping],
  ['sends a compression bomb', (_, reply) => reply.send(200, ['Content-Encoding: gzip'], bomb)],
  ['says that it is compressed and is not', (_, reply) => reply.send(200, ['Content-Encoding: gzip'], 'no')],
  ['has a million headers', aMillionHeaders],
  ['has one header of a megabyte', (_, reply) => reply.send(200, [`X-A: ${'a'.repeat(MIB)}`], 'x')],
  ['speaks no HTTP', (_, reply) => reply.write('\x16\x03\x01 nothing of the kind\r\n\r\n')],
  ['has a malformed head', (_, reply) => reply.write('HTTP/1.1 abc OK\r\nX : 1\r\n\r\n')],
  ['has a malformed chunk', (_, reply) => reply.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`)],
  [
    'answers twice',
    (_, reply) => {
      reply.send(200, [], 'a');
      reply.send(200, [], 'b');
    },
  ],
  ['switches protocols', (_, reply) => reply.write('HTTP/1.1 101 Yes\r\nUpgrade: x\r\n\r\nbytes')],
  ['says 100 again and again', (_, reply) => reply.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000))],
  ['resets at once', (_, reply) => reply.reset()],
  [
    'resets in the middle',
    (_, reply) => {
      reply.write(`${HEAD}Content-Length: 9\r\n\r\nhalf`);
      reply.reset();
    },
  ],
  ['sets cookies', (_, reply) => reply.send(500, Array(100).fill('Set-Cookie: a=b'), 'x')],
  [
    'sends JSON without end of depth',
    (_, reply) => reply.send(200, ['Content-Type: application/json'], '['.repeat(200_000)),
  ],
];

describe('a feature that', () => {
  it.each(HOSTILE)(
    '%s: every answer is whole and in time, and memory stays where it is',
    async (_, script) => {
      shop.search.use(script);
      const body = 'x'.repeat(100_000);
      const before = await residentBytes(shop.router.pid);
      const memory = watchMemory(shop.router.pid);
      const figures = await timedLoad(shop.router.port, {
        requests: REQUESTS,
        clients: 8,
        request: (number) => (number % 10 === 0 ? post('/search', body) : get('/search')),
      });
      const grown = (await memory.stop()) - before;
      expect(figures.failed).toEqual([]);
      expect(figures.answered).toBe(REQUESTS);
      // A copy's time limit is a second; a single answer may meet a machine that stalls for a moment.
      expect(figures.p99).toBeLessThan(900);
      expect(grown).toBeLessThan(120 * MIB);
      shop.search.resetAll();
    },
  );

  it('hangs: an upload of 64 MiB passes beside it, and is not kept', async () => {
    shop.search.use(() => new Promise(() => {}));
    shop.legacy.use(async (_, reply) => {
      let bytes = 0;
      reply.takeOver();
      while (bytes < 64 * MIB) bytes += (await reply.reader.some()).length;
      reply.send(200, ['Connection: close'], String(bytes));
      reply.end();
    });
    const before = await residentBytes(shop.router.pid);
    const memory = watchMemory(shop.router.pid);
    const client = await RawClient.connect(shop.router.port);
    client.send(`POST /search HTTP/1.1\r\nHost: s\r\nContent-Length: ${64 * MIB}\r\n\r\n`);
    const piece = Buffer.alloc(MIB);
    for (let i = 0; i < 64; i++)
      if (!client.socket.write(piece)) await new Promise((resolve) => client.socket.once('drain', resolve));
    expect((await client.readAnswer('POST')).text).toBe(String(64 * MIB));
    client.destroy();
    expect((await memory.stop()) - before).toBeLessThan(32 * MIB);
    expect(await shop.count('skipped', 'too_large')).toBeGreaterThan(0);
    shop.search.resetAll();
  });

  it('was all of these leaves the router as it was', async () => {
    const asked = shop.legacy.requests.length;
    const figures = await timedLoad(shop.router.port, {
      requests: 50,
      clients: 1,
      request: () => get('/search'),
    });
    expect(figures.failed).toEqual([]);
    // Places and memory are back: each of these is copied, one after the other.
    await until(
      () => shop.search.requests.length,
      (count) => count === 50,
    );
    expect(shop.legacy.requests.length).toBeGreaterThanOrEqual(asked + 50);
    expect(shop.router.logs().filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  });
});
