import { expect } from 'vitest';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { scenario } from './scenario.ts';

const ROUNDS = 50;
const SIZE = 8 * 1024 * 1024;

/** A backend that says 413 to the head of an upload and closes, while its client goes on sending. */
scenario({
  number: '12',
  title: `backend answers 413 early and closes while the client uploads, ${ROUNDS} ×`,
  aim: 'the client sees 413; the next exchange unharmed',
  measure: async (trial) => {
    const feature = await trial.backend((request, reply) => {
      if (request.method === 'GET') return reply.send(200, [], 'unharmed');
      reply.takeOver();
      reply.send(413, ['Connection: close'], 'too large');
      reply.end();
    });
    const proxy = await trial.start({ legacy: feature.port, feature: [feature.port] });
    const figures = { seen: 0, unharmed: 0 };
    const piece = Buffer.alloc(64 * 1024, 'u');
    for (let round = 0; round < ROUNDS; round++) {
      const client = await RawClient.connect(proxy.port);
      client.send(`POST /feature HTTP/1.1\r\nHost: shop\r\nContent-Length: ${SIZE}\r\n\r\n`);
      const sending = client.sendSlowly(Array.from({ length: SIZE / piece.length }, () => piece));
      const answer = await client.readAnswer('POST').catch(() => null);
      if (answer?.status === 413 && answer.text === 'too large') figures.seen += 1;
      client.destroy();
      await sending;
      const next = await ask(proxy.port, get('/feature')).catch(() => null);
      if (next?.status === 200 && next.text === 'unharmed') figures.unharmed += 1;
    }
    return figures;
  },
  text: ({ seen, unharmed }) =>
    `413 seen ${seen} of ${ROUNDS}, next exchange unharmed ${unharmed} of ${ROUNDS}`,
  meets: (figures) => expect(figures).toEqual({ seen: ROUNDS, unharmed: ROUNDS }),
});
