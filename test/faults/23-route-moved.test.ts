import { expect } from 'vitest';
import { answerAs } from '../support/named-backend.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { RawWebSocket } from '../support/websocket.ts';
import { grouped } from './load-text.ts';
import { scenario } from './scenario.ts';

const REQUESTS = 5_000;
const SOCKETS = 100;

/** A route goes to another side while requests wait for their answers, and WebSockets are open. */
scenario({
  number: '23',
  title: `a route moved during ${grouped(REQUESTS)} requests in flight and ${SOCKETS} WebSockets`,
  aim: '0 mixed, 0 lost',
  measure: async (trial) => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const feature = await trial.backend(async (request, reply) => {
      if (request.target.endsWith('/held')) await released;
      return answerAs('feature', request, reply);
    });
    const legacy = await trial.backend('legacy');
    const shop = { legacy: legacy.port, feature: [feature.port] };
    const proxy = await trial.start(shop);
    const sockets: RawWebSocket[] = [];
    for (let i = 0; i < SOCKETS; i++) sockets.push(await RawWebSocket.open(proxy.port, '/feature/ws'));
    const waiting: Promise<string>[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      waiting.push(byWhom(await RawClient.connect(proxy.port), '/feature/held'));
    }
    await until(
      () => feature.requests.length,
      (count) => count === SOCKETS + REQUESTS,
      { withinMs: 30_000, what: 'all of them in flight' },
    );
    await proxy.reload({ ...shop, isMovedAway: true });
    await until(
      async () => byWhom(await RawClient.connect(proxy.port), '/feature'),
      (by) => by === 'legacy',
      { withinMs: 10_000, what: 'the route’s move' },
    );
    release();
    const answers = await Promise.all(waiting);
    const echoes = await Promise.all(sockets.map((socket) => socket.echo('still there').catch(() => 'cut')));
    for (const socket of sockets) socket.destroy();
    return {
      whole: answers.filter((by) => by === 'feature').length,
      mixed: answers.filter((by) => by === 'legacy').length,
      lost: answers.filter((by) => by === 'lost').length,
      alive: echoes.filter((text) => text === 'still there').length,
    };
  },
  text: ({ whole, mixed, lost, alive }) =>
    `${grouped(whole)} answered by the feature, ${mixed} by legacy, ${grouped(lost)} lost; ${alive} of ${SOCKETS} WebSockets go on`,
  meets: (figures) => expect(figures).toEqual({ whole: REQUESTS, mixed: 0, lost: 0, alive: SOCKETS }),
});

/** Who answered, or that nobody did. */
async function byWhom(client: RawClient, target: string): Promise<string> {
  client.send(get(target));
  const answer = await client.readAnswer().catch(() => null);
  client.destroy();
  return answer?.complete === true ? (answer.header('x-answered-by') ?? String(answer.status)) : 'lost';
}
