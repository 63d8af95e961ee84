import { expect } from 'vitest';
import { EventStream } from '../support/event-stream.ts';
import { Load } from '../support/load.ts';
import { answerAs } from '../support/named-backend.ts';
import { get, post } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { OPCODE, RawWebSocket } from '../support/websocket.ts';
import { failedIn, grouped, loadText } from './load-text.ts';
import { scenario } from './scenario.ts';

const SOCKETS = 1_000;
const STREAMS = 100;
const CLIENTS = 16;

/** The router is told to stop under load, with WebSockets and streams open that would go on for ever. */
scenario({
  number: '24',
  title: `told to stop under load, with ${grouped(SOCKETS)} WebSockets and ${STREAMS} streams`,
  aim: '0 lost; 1001 to every WebSocket; ≤ 10 s',
  measure: async (trial) => {
    const backend = await trial.backend(async (request, reply) => {
      if (/(?:events|ws)$/.test(request.target)) return answerAs('feature', request, reply);
      const body = await request.body();
      await sleep(20);
      reply.send(200, [], body);
    });
    const proxy = await trial.start({ legacy: backend.port, feature: [backend.port] });
    const sockets: RawWebSocket[] = [];
    for (let i = 0; i < SOCKETS; i++) sockets.push(await RawWebSocket.open(proxy.port, '/feature/ws'));
    const streams: EventStream[] = [];
    for (let i = 0; i < STREAMS; i++) streams.push(await EventStream.open(proxy.port, '/feature/events'));
    const closes = sockets.map(closeCode);
    const load = new Load(proxy.port, {
      clients: CLIENTS,
      pauseMs: 3,
      request: (client) => (client % 2 === 0 ? get('/feature') : post('/feature', 'x'.repeat(2_000))),
    });
    await sleep(1_000);
    const from = performance.now();
    await proxy.stop();
    const tookMs = Math.round(performance.now() - from);
    const figures = await load.stop();
    const codes = await Promise.all(closes);
    for (const one of [...sockets, ...streams]) one.destroy();
    return { ...figures, tookMs, goodbyes: codes.filter((code) => code === 1001).length };
  },
  text: (figures) =>
    `${loadText(figures)}; ${grouped(figures.goodbyes)} × 1001, over after ${(figures.tookMs / 1_000).toFixed(1)} s`,
  meets: (figures) => {
    expect(failedIn(figures)).toBe(0);
    expect([figures.idleClosed, figures.saidClose]).toEqual([0, CLIENTS]);
    expect(figures.goodbyes).toBe(SOCKETS);
    expect(figures.tookMs).toBeLessThanOrEqual(10_000);
  },
});

/** What its Close says; null: it ended without one. */
async function closeCode(socket: RawWebSocket): Promise<number | null> {
  try {
    for (;;) {
      const frame = await socket.read();
      if (frame.opcode !== OPCODE.close) continue;
      socket.send(frame.payload, OPCODE.close);
      return frame.payload.readUInt16BE(0);
    }
  } catch {
    return null;
  }
}
