import { afterAll, beforeAll, expect, it } from 'vitest';
import { EventStream } from '../support/event-stream.ts';
import { startNamed } from '../support/named-backend.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep } from '../support/until.ts';
import { echoFrames, RawWebSocket } from '../support/websocket.ts';

/** Streams that go on, and streams that say nothing for longer than any time limit. */

let lively: RawBackend;
let silent: RawBackend;
let router: RunningRouter;

const EVENT = 'data: hello\n\n';
const CHUNK = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n`;

beforeAll(async () => {
  lively = await startNamed('lively');
  silent = await RawBackend.start(async (request, reply) => {
    if (request.header('upgrade') !== undefined) return echoFrames(request, reply);
    reply.takeOver();
    reply.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
    reply.write(CHUNK);
    await sleep(30_000);
    reply.write(CHUNK);
  });
  const limits = '    timeouts:\n      response: 1s\n      idle: 1s\n';
  router = await startRouter(
    `legacy:\n  url: ${lively.url}\nfeatures:\n  silent:\n    url: ${silent.url}\n${limits}routes:\n  - match:\n      prefix: /silent\n    to: silent\n`,
    { flags: ['--body-timeout', '1s', '--header-timeout', '1s', '--keep-alive', '1s'] },
  );
});

afterAll(async () => {
  await router.stop('SIGKILL');
  await lively.stop();
  await silent.stop();
});

it('20 event streams for a minute and a half: every event, whole and in order', async () => {
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => EventStream.open(router.port, '/events')),
  );
  await sleep(90_000);
  for (const { events, ended } of streams) {
    expect(ended).toBe(null);
    expect(events.length).toBeGreaterThan(2_000);
    expect(events).toEqual(events.map((_, number) => `data: lively ${number}`));
  }
  console.log('event streams:', streams.map(({ events }) => events.length).join(' '), 'events, 0 cut');
  for (const stream of streams) stream.destroy();
});

it('a stream and a WebSocket that are silent for 30 s are not cut by limits of 1 s', async () => {
  const stream = await EventStream.open(router.port, '/silent/events');
  const socket = await RawWebSocket.open(router.port, '/silent/ws');
  await sleep(31_000);
  expect(stream.ended).toBe(null);
  expect(stream.events).toEqual(['data: hello', 'data: hello']);
  expect(await socket.echo('still here')).toBe('still here');
  stream.destroy();
  socket.destroy();
});
