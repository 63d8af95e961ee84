import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { RawBackend } from '../support/raw-backend.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until, within } from '../support/until.ts';
import {
  acceptHandshake,
  echoFrames,
  type Frame,
  frameBytes,
  OPCODE,
  RawWebSocket,
  readFrame,
} from '../support/websocket.ts';

/** SIGTERM with WebSockets open: Close 1001 between two frames, to both ends, and a quick end. */

let backend: RawBackend;
let router: RunningRouter;

beforeAll(async () => {
  backend = await RawBackend.start(echoFrames);
});

beforeEach(async () => {
  router = await startRouter(`legacy: ${backend.url}\n`, { flags: ['--drain-timeout', '6s'] });
});

afterAll(async () => {
  await router.stop('SIGKILL');
  await backend.stop();
});

function expectGoingAway(frame: Frame): void {
  expect(frame.opcode).toBe(OPCODE.close);
  expect(frame.payload.readUInt16BE()).toBe(1001);
}

it('100 of them each get Close 1001, and the router ends with 0 in a moment', async () => {
  const backendHeard: Frame[] = [];
  backend.use(async (request, reply) => {
    acceptHandshake(request, reply);
    for (;;) {
      const frame = await readFrame(reply.reader);
      if (frame.opcode === OPCODE.close) {
        backendHeard.push(frame);
        return reply.end();
      }
      reply.write(frameBytes(frame.opcode, frame.payload));
    }
  });
  const sockets = await Promise.all(Array.from({ length: 100 }, () => RawWebSocket.open(router.port)));
  for (const socket of sockets) expect(await socket.echo('hello')).toBe('hello');
  const from = performance.now();
  const exit = router.stop();
  for (const socket of sockets) expectGoingAway(await socket.read());
  for (const socket of sockets) {
    socket.send(Buffer.from([3, 0xe9]), OPCODE.close);
    socket.client.end();
  }
  expect(await exit).toBe(0);
  expect(performance.now() - from).toBeLessThan(4_000);
  await until(
    () => backendHeard.length,
    (count) => count === 100,
  );
  for (const frame of backendHeard) {
    expectGoingAway(frame);
    // RFC 6455 section 5.1: a server must refuse an unmasked frame.
    expect(frame.isMasked).toBe(true);
  }
});

it('one whose handshake ends only during the drain gets it too', async () => {
  backend.use(async (request, reply) => {
    await sleep(300);
    acceptHandshake(request, reply);
  });
  const seen = backend.requests.length;
  const opening = RawWebSocket.open(router.port);
  await backend.request(seen);
  const exit = router.stop();
  const socket = await opening;
  expectGoingAway(await socket.read());
  socket.client.end();
  expect(await exit).toBe(0);
});

it.each([100, 2_000])(
  'a large frame under way, whose rest comes after %i ms, is finished first',
  async (pauseMs) => {
    const payload = Buffer.alloc(1_000_000, 'x');
    const bytes = frameBytes(OPCODE.binary, payload);
    backend.use(async (request, reply) => {
      acceptHandshake(request, reply);
      reply.write(bytes.subarray(0, 400_000));
      await readFrame(reply.reader);
      await sleep(pauseMs);
      // The frame's end and the next frame's beginning in one piece: that next one must not be begun.
      reply.write(Buffer.concat([bytes.subarray(400_000), frameBytes(OPCODE.text, 'too late')]));
      await reply.reader.rest();
    });
    const socket = await RawWebSocket.open(router.port);
    const reading = socket.read();
    const exit = router.stop();
    await router.log((line) => line['msg'] === 'stopping');
    const frame = await within(5_000, 'the large frame', reading);
    expect(frame.payload.equals(payload)).toBe(true);
    expectGoingAway(await socket.read());
    socket.destroy();
    expect(await exit).toBe(0);
  },
);

it('a client that never answers the Close is not waited for beyond a moment', async () => {
  backend.use(echoFrames);
  const socket = await RawWebSocket.open(router.port);
  const from = performance.now();
  const exit = router.stop();
  expectGoingAway(await socket.read());
  expect(await exit).toBe(0);
  expect(performance.now() - from).toBeLessThan(4_000);
  socket.destroy();
});
