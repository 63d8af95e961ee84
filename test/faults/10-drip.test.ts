import { expect } from 'vitest';
import { residentBytes } from '../../bench/measure/process-cpu.ts';
import { Load } from '../support/load.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { scenario } from './scenario.ts';

const ANSWERS = 500;
const BYTES = 60;

/** Answers that come a byte at a time, all at once. */
scenario({
  number: '10',
  title: `${ANSWERS} parallel answers at 1 byte per 100 ms`,
  aim: '< 20 kB each; all whole',
  measure: async (trial) => {
    const feature = await trial.backend(async (request, reply) => {
      if (!request.target.endsWith('/drip')) return reply.send(200, [], 'quick');
      reply.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BYTES}\r\n\r\n`);
      for (let i = 0; i < BYTES; i++) {
        await sleep(100);
        reply.write('x');
      }
    });
    const proxy = await trial.start({ legacy: feature.port, feature: [feature.port] });
    // Warm: what is compiled and allocated once is no cost of an answer.
    const warm = new Load(proxy.port, { clients: 64, request: () => get('/feature') });
    await sleep(3_000);
    await warm.stop();
    await sleep(500);
    const before = residentBytes(proxy.pids());
    const clients = await Promise.all(Array.from({ length: ANSWERS }, () => RawClient.connect(proxy.port)));
    const answers = clients.map((client) => {
      client.send(get('/feature/drip'));
      return client.readAnswer().catch(() => null);
    });
    await sleep(4_000);
    const during = residentBytes(proxy.pids());
    const whole = (await Promise.all(answers)).filter((answer) => answer?.body.length === BYTES).length;
    for (const client of clients) client.destroy();
    return { each: Math.max(0, during - before) / ANSWERS, whole };
  },
  text: ({ each, whole }) => `${(each / 1_000).toFixed(1)} kB each, ${whole} whole`,
  meets: ({ each, whole }) => {
    expect(whole).toBe(ANSWERS);
    expect(each).toBeLessThan(20_000);
  },
});
