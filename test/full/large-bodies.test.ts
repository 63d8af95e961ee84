import { afterAll, beforeAll, expect, it } from 'vitest';
import { residentBytes, watchMemory } from '../support/process-memory.ts';
import { RawBackend, type RawReply, type RawRequest } from '../support/raw-backend.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep } from '../support/until.ts';

/** Bodies of any size at constant memory: a gigabyte each way, quick and slow. */

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const MOST_GROWTH = 64 * MIB;
const PIECE = Buffer.alloc(256 * 1024, 'p');

let backend: RawBackend;
let router: RunningRouter;

async function sendBody(target: string, reply: RawReply): Promise<void> {
  const size = Number(target.split('/')[2]);
  const isChunked = target.endsWith('chunked');
  const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${size}`;
  reply.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`);
  const head = Buffer.from(isChunked ? `${PIECE.length.toString(16)}\r\n` : '');
  const piece = Buffer.concat([head, PIECE, Buffer.from(isChunked ? '\r\n' : '')]);
  for (let sent = 0; sent < size && !reply.socket.destroyed; sent += PIECE.length) {
    if (!reply.socket.write(piece)) await new Promise<void>((resolve) => reply.socket.once('drain', resolve));
  }
  if (isChunked) reply.write('0\r\n\r\n');
}

/** Read and counted, not kept. */
async function takeBody(request: RawRequest, reply: RawReply): Promise<void> {
  reply.takeOver();
  let missing = Number(request.header('content-length'));
  while (missing > 0) {
    missing -= (await reply.reader.upTo(missing)).length;
    if (request.target === '/up/slowly' && missing > GIB * 0.9) await sleep(2);
  }
  reply.send(200, ['Connection: close'], 'taken');
  reply.end();
}

beforeAll(async () => {
  backend = await RawBackend.start((request, reply) =>
    request.method === 'GET' ? sendBody(request.target, reply) : takeBody(request, reply),
  );
  router = await startRouter(`legacy: ${backend.url}\n`);
  // Warm: what a first large body costs once is no growth.
  await download(64 * MIB, '');
});

afterAll(async () => {
  await router.stop('SIGKILL');
  await backend.stop();
});

/** Reads an answer of this size, pausing as told; gives the bytes that came. */
async function download(
  size: number,
  how: string,
  pause?: (received: number) => Promise<void>,
): Promise<number> {
  const client = await RawClient.connect(router.port);
  client.send(get(`/down/${size}/${how}`));
  await client.readHead();
  let received = 0;
  const isChunked = how === 'chunked';
  while (received < size) {
    const length = isChunked
      ? Number.parseInt(await client.reader.line(), 16)
      : Math.min(PIECE.length, size - received);
    let missing = length;
    while (missing > 0) missing -= (await client.reader.upTo(missing)).length;
    if (isChunked) await client.reader.exactly(2);
    received += length;
    await pause?.(received);
  }
  client.destroy();
  return received;
}

async function upload(size: number, target: string): Promise<string> {
  const client = await RawClient.connect(router.port);
  client.send(`POST ${target} HTTP/1.1\r\nHost: shop\r\nContent-Length: ${size}\r\n\r\n`);
  function* pieces(): Generator<Buffer> {
    for (let sent = 0; sent < size; sent += PIECE.length) yield PIECE;
  }
  await client.sendSlowly(pieces());
  const answer = await client.readAnswer('POST');
  client.destroy();
  return answer.text;
}

async function growthOf(what: string, work: () => Promise<void>): Promise<void> {
  const before = await residentBytes(router.pid);
  const memory = watchMemory(router.pid);
  const from = performance.now();
  await work();
  const seconds = (performance.now() - from) / 1000;
  const growth = (await memory.stop()) - before;
  console.log(
    `${what}: ${seconds.toFixed(1)} s, resident ${(before / MIB).toFixed(0)} MiB, at most +${(growth / MIB).toFixed(1)} MiB`,
  );
  expect(growth).toBeLessThan(MOST_GROWTH);
}

it('1 GiB down', () =>
  growthOf('1 GiB down', async () => {
    expect(await download(GIB, '')).toBe(GIB);
  }));

it('1 GiB down in chunks', () =>
  growthOf('1 GiB down, chunked', async () => {
    expect(await download(GIB, 'chunked')).toBe(GIB);
  }));

it('1 GiB up', () =>
  growthOf('1 GiB up', async () => {
    expect(await upload(GIB, '/up')).toBe('taken');
  }));

it('1 GiB down to a slow reader: it pauses for five seconds, then reads in fits', () =>
  growthOf('1 GiB down, slow reader', async () => {
    const received = await download(GIB, '', async (bytes) => {
      if (bytes === 16 * MIB) await sleep(5_000);
      if (bytes % (32 * MIB) === 0) await sleep(100);
    });
    expect(received).toBe(GIB);
  }));

it('1 GiB up to a slow backend', () =>
  growthOf('1 GiB up, slow backend', async () => {
    expect(await upload(GIB, '/up/slowly')).toBe('taken');
  }));
