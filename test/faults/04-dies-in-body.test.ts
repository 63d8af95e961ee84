import { expect } from 'vitest';
import { ask, get } from '../support/raw-client.ts';
import { scenario } from './scenario.ts';

const TARGETS = [
  '/feature/chunked/fin',
  '/feature/chunked/reset',
  '/feature/length/fin',
  '/feature/length/reset',
];

/** A backend dies in the middle of an answer: its client must not take half of it for the whole. */
scenario({
  number: '4',
  title: 'backend dies in the middle of 2 000 bodies, chunked and not, by FIN and by RST',
  aim: '0 look whole',
  measure: async (trial) => {
    const feature = await trial.backend((request, reply) => {
      const isChunked = request.target.includes('/chunked');
      const framing = isChunked ? 'Transfer-Encoding: chunked' : 'Content-Length: 100';
      reply.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${isChunked ? '4\r\nhalf\r\n' : 'half'}`);
      if (request.target.endsWith('reset')) reply.reset();
      else reply.end();
    });
    const proxy = await trial.start({
      legacy: feature.port,
      feature: [feature.port],
      keys: ['breaker: false'],
    });
    const figures = { whole: 0, cut: 0, other: 0 };
    for (let round = 0; round < 100; round++) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => ask(proxy.port, get(TARGETS[i % 4]!)).catch(() => null)),
      );
      for (const answer of answers) {
        if (answer !== null && answer.status !== 200) figures.other += 1;
        else if (answer?.complete === true) figures.whole += 1;
        else figures.cut += 1;
      }
    }
    return figures;
  },
  text: ({ whole, cut, other }) => `${whole} look whole, ${cut} cut, ${other} × 5xx`,
  meets: ({ whole, cut, other }) => {
    expect(whole).toBe(0);
    expect(cut + other).toBe(2_000);
  },
});
