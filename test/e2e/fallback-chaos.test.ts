import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { FallbackShop } from '../support/fallback-shop.ts';
import type { RawReply, RawRequest, Script } from '../support/raw-backend.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { seeded } from '../support/seeded.ts';
import { sleep, until } from '../support/until.ts';

/**
 * A feature that does its worst, a legacy that is slow and breaks too, clients that leave, few places for fallbacks,
 * reloads: no write is done twice, no answer is mixed, and afterwards nothing is left over.
 */

const CLIENTS = 24;
const REQUESTS = 60;

/** What a backend of chaos may do; true: whatever the request asked for was done before. */
const DEEDS: readonly [didIt: boolean, script: (reply: RawReply, name: string) => void | Promise<void>][] = [
  [true, (reply, name) => reply.send(200, [`X-From: ${name}`], `${name} answers`)],
  [true, (reply, name) => reply.send(200, [`X-From: ${name}`], `${name} answers`.padEnd(20_000, '.'))],
  [true, (reply) => reply.reset()],
  [true, (reply) => reply.end()],
  [true, (reply, name) => reply.send(503, [`X-From: ${name}`], `${name} answers`)],
  [false, (reply, name) => reply.send(501, [`X-From: ${name}`], `${name} answers`)],
  [
    true,
    (reply) => {
      reply.write('nonsense\r\n\r\n');
      reply.end();
    },
  ],
  [
    true,
    async (reply, name) => {
      reply.write(`HTTP/1.1 200 OK\r\nX-From: ${name}\r\nContent-Length: 40\r\n\r\n${name} ans`);
      await sleep(5);
      reply.reset();
    },
  ],
  [
    true,
    async (reply, name) => {
      await sleep(60);
      reply.send(200, [`X-From: ${name}`], `${name} answers`);
    },
  ],
];

it('writes are done once at most, answers come from one side, and nothing is left over', async () => {
  const shop = await FallbackShop.start({
    orders: ['fallback: { max_in_flight: 4, max_body: 1KiB }', 'timeouts: { response: 40ms, idle: 1s }'],
  });
  const random = seeded(5);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const done = new Map<string, number>();
  const backend =
    (name: string): Script =>
    async (request: RawRequest, reply: RawReply) => {
      const isEarly = random() < 0.1;
      if (!isEarly) await request.body();
      const [didIt, script] = pick(name === 'legacy' ? DEEDS.slice(0, 5) : DEEDS);
      if (didIt && request.method === 'POST') done.set(request.target, (done.get(request.target) ?? 0) + 1);
      await script(reply, name);
    };
  shop.legacy.use(backend('legacy'));
  shop.feature.use(backend('feature'));

  const mixed: string[] = [];
  const client = async (id: number): Promise<void> => {
    for (let number = 0; number < REQUESTS; number++) {
      const target = `/orders/${id}/${number}`;
      const connection = await RawClient.connect(shop.router.port);
      const body = 'b'.repeat(pick([0, 10, 900, 3_000, 70_000]));
      connection.send(
        random() < 0.5
          ? get(target)
          : `POST ${target} HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(body)}`,
      );
      if (random() < 0.15) await sleep(random() * 30);
      else {
        const answer = await connection.readAnswer().catch(() => null);
        const others = answer?.header('x-from') === 'legacy' ? 'feature' : 'legacy';
        if (answer?.text.includes(`${others} ans`)) mixed.push(answer.text.slice(0, 200));
      }
      connection.destroy();
    }
  };
  const router = shop.router;
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, id) => client(id)));
  const text = await readFile(router.routesFile, 'utf8');
  for (let i = 0; i < 5; i++) await router.edit(`${text}# ${i}\n`);
  await clients;

  expect([...done].filter(([, times]) => times > 1)).toEqual([]);
  expect(mixed).toEqual([]);
  expect(done.size).toBeGreaterThan(200);
  for (const name of ['feature', 'legacy'] as const) {
    shop[name].use(async (request, reply) => {
      await request.body();
      if (name === 'feature') reply.send(503);
      else reply.send(200, [], 'legacy');
    });
  }
  const inFlight = async (): Promise<number> =>
    (await router.metrics())
      .split('\n')
      .filter((line) => line.startsWith('banyan_requests_in_flight{'))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  await until(inFlight, (count) => count === 0);
  // All four places are there again.
  let together = 0;
  let most = 0;
  shop.legacy.use(async (_, reply) => {
    most = Math.max(most, ++together);
    await sleep(200);
    together -= 1;
    reply.send(200, [], 'legacy');
  });
  const last = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const connection = await RawClient.connect(router.port);
      connection.send(get('/orders'));
      const { status } = await connection.readAnswer();
      connection.destroy();
      return status;
    }),
  );
  expect(most).toBe(4);
  expect(last.sort()).toEqual([...Array(4).fill(200), ...Array(8).fill(503)]);
  const faults = router.logs().filter(({ level }) => level === 'fatal');
  expect(faults).toEqual([]);
  await shop.stop();
}, 60_000);

/** In pieces of a thousand bytes. */
function chunked(body: string): string {
  const pieces = body.match(/.{1,1000}/gs) ?? [];
  return `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`;
}
