import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CarveOut } from '../support/carve-out.ts';
import { EventStream } from '../support/event-stream.ts';
import { Load } from '../support/load.ts';
import { get, post, RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { RawWebSocket } from '../support/websocket.ts';

/** The one source of truth is edited while everything runs: what must move moves, and nothing else notices. */

let shop: CarveOut;

beforeAll(async () => {
  shop = await CarveOut.open();
});

afterAll(() => shop.close());

it('a route that is added moves its requests within a second, and they are counted', async () => {
  await shop.start(shop.before());
  expect(await shop.answeredBy()).toBe('legacy');
  await writeFile(shop.router.routesFile, shop.after());
  expect(await shop.movesTo('orders')).toBeLessThan(1_000);
  const labels = { route: 'orders', backend: 'orders', method: 'GET', code: '200' };
  const before = await shop.router.metric('banyan_requests_total', labels);
  for (let i = 0; i < 5; i++) await shop.answeredBy(`/api/orders/${i}`);
  await until(
    () => shop.router.metric('banyan_requests_total', labels),
    (count) => count === before + 5,
  );
  expect(await shop.answeredBy('/api/ordersx')).toBe('legacy');
});

it('100 reloads under load lose no request, close no idle client, cut no stream and no WebSocket', async () => {
  await shop.start(shop.after());
  const streams = [
    await EventStream.open(shop.router.port, '/events'),
    await EventStream.open(shop.router.port, '/api/orders/events'),
  ];
  const sockets = [
    await RawWebSocket.open(shop.router.port, '/ws'),
    await RawWebSocket.open(shop.router.port, '/api/orders/ws'),
  ];
  const bodies = ['a'.repeat(10), 'b'.repeat(40_000)];
  const wrong: string[] = [];
  const load = new Load(shop.router.port, {
    clients: 6,
    pauseMs: 2,
    request: (client, number) =>
      client % 2 === 0 ? get(`/api/orders/${number}`) : post(`/api/orders/${number}`, bodies[number % 2]!),
    onAnswer: (answer, client) => {
      if (client % 2 === 1 && !bodies.includes(answer.text)) wrong.push(answer.text.slice(0, 80));
    },
  });
  // Idle through all of it, then used again.
  const idle = await RawClient.connect(shop.router.port);
  idle.send(get('/'));
  await idle.readAnswer();
  for (let i = 0; i < 100; i++) {
    await shop.router.edit(i % 2 === 0 ? shop.before(`edit ${i}`) : shop.after(`edit ${i}`));
    expect(await sockets[i % 2]!.echo(`message ${i}`)).toBe(`message ${i}`);
  }
  const figures = await load.stop();
  console.log('100 reloads:', JSON.stringify(figures));
  expect(figures).toMatchObject({ lost: [], idleClosed: 0, saidClose: 0, refused: 0 });
  expect(Object.keys(figures.byStatus)).toEqual(['200']);
  expect(figures.answered).toBeGreaterThan(500);
  expect(wrong).toEqual([]);
  idle.send(get('/'));
  expect((await idle.readAnswer()).status).toBe(200);
  for (const [at, name] of ['legacy', 'orders'].entries()) {
    const { events, ended } = streams[at]!;
    expect(ended).toBe(null);
    expect(events.length).toBeGreaterThan(100);
    expect(events).toEqual(events.map((_, number) => `data: ${name} ${number}`));
  }
  expect(
    await shop.router.metric('banyan_config_reloads_total', { result: 'applied' }),
  ).toBeGreaterThanOrEqual(100);
  for (const open of [...streams, ...sockets, idle]) open.destroy();
}, 60_000);

it('a reload never splits a request: who got its head gets its body, and gives the answer', async () => {
  await shop.start(shop.after());
  const before = shop.orders.requests.length;
  const client = await RawClient.connect(shop.router.port);
  client.send('POST /api/orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 12\r\n\r\nfirst ');
  const request = await shop.orders.request(before);
  await shop.router.edit(shop.before('moved'));
  expect(await shop.answeredBy()).toBe('legacy');
  client.send('second');
  const answer = await client.readAnswer('POST');
  expect(answer.header('x-answered-by')).toBe('orders');
  expect(answer.text).toBe('first second');
  expect((await request.body()).toString()).toBe('first second');
  // And the next one on the same connection is by the new table.
  client.send(get('/api/orders'));
  expect((await client.readAnswer()).header('x-answered-by')).toBe('legacy');
  client.destroy();
});
