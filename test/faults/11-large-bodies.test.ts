import { expect } from 'vitest';
import { residentBytes } from '../../bench/measure/process-cpu.ts';
import type { RawReply, RawRequest } from '../support/raw-backend.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import type { StartedProxy } from './proxies/proxy.ts';
import { IS_LONG, scenario } from './scenario.ts';

const MIB = 1024 * 1024;
const SIZE = (IS_LONG ? 1024 : 256) * MIB;
const PIECE = Buffer.alloc(256 * 1024, 'p');

/** A large answer to a client that pauses, and a large upload to a backend that does. */
scenario({
  number: '11',
  title: `${SIZE / MIB} MiB to a slow reader; ${SIZE / MIB} MiB up to a slow backend`,
  aim: 'memory flat (< 32 MiB more)',
  measure: async (trial) => {
    const feature = await trial.backend((request, reply) =>
      request.method === 'GET' ? sendBody(request, reply) : takeBody(request, reply),
    );
    const proxy = await trial.start({ legacy: feature.port, feature: [feature.port] });
    await download(proxy, 32 * MIB);
    await upload(proxy, 32 * MIB);
    return {
      downMib: await growthOf(proxy, () => download(proxy, SIZE)),
      upMib: await growthOf(proxy, () => upload(proxy, SIZE)),
    };
  },
  text: ({ downMib, upMib }) => `down +${downMib.toFixed(1)} MiB, up +${upMib.toFixed(1)} MiB`,
  meets: ({ downMib, upMib }) => {
    expect(downMib).toBeLessThan(32);
    expect(upMib).toBeLessThan(32);
  },
});

async function sendBody(request: RawRequest, reply: RawReply): Promise<void> {
  const size = Number(request.target.split('/').at(-1));
  reply.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
  for (let sent = 0; sent < size && !reply.socket.destroyed; sent += PIECE.length) {
    if (!reply.socket.write(PIECE)) await new Promise<void>((resolve) => reply.socket.once('drain', resolve));
  }
}

/** Counted, not kept; with a pause after each 32 MiB. */
async function takeBody(request: RawRequest, reply: RawReply): Promise<void> {
  reply.takeOver();
  const size = Number(request.header('content-length'));
  for (let taken = 0, pauseAt = 32 * MIB; taken < size; ) {
    taken += (await reply.reader.upTo(size - taken)).length;
    if (taken < pauseAt) continue;
    pauseAt += 32 * MIB;
    await sleep(200);
  }
  reply.send(200, ['Connection: close'], 'taken');
  reply.end();
}

async function download(proxy: StartedProxy, size: number): Promise<void> {
  const client = await RawClient.connect(proxy.port);
  client.send(get(`/feature/${size}`));
  await client.readHead();
  for (let taken = 0, pauseAt = 32 * MIB; taken < size; ) {
    taken += (await client.reader.upTo(size - taken)).length;
    if (taken < pauseAt) continue;
    pauseAt += 32 * MIB;
    await sleep(200);
  }
  client.destroy();
}

async function upload(proxy: StartedProxy, size: number): Promise<void> {
  const client = await RawClient.connect(proxy.port);
  client.send(`POST /feature HTTP/1.1\r\nHost: shop\r\nContent-Length: ${size}\r\n\r\n`);
  await client.sendSlowly(Array.from({ length: size / PIECE.length }, () => PIECE));
  const answer = await client.readAnswer('POST');
  if (answer.text !== 'taken') throw new Error(`the upload was answered ${answer.status}`);
  client.destroy();
}

/** The most that its processes grew while this was done, MiB. */
async function growthOf(proxy: StartedProxy, work: () => Promise<void>): Promise<number> {
  const before = residentBytes(proxy.pids());
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, residentBytes(proxy.pids()));
  }, 50);
  await work();
  clearInterval(watch);
  return (most - before) / MIB;
}
