import { expect } from 'vitest';
import { answerAs } from '../support/named-backend.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { RawWebSocket } from '../support/websocket.ts';
import { IS_LONG, scenario } from './scenario.ts';

const STREAM_S = IS_LONG ? 30 : 8;
const SOCKET_S = IS_LONG ? 600 : 12;
const LIMIT_S = 2;

/** What may be silent for long, by its nature, under a read limit that is short. */
scenario({
  number: '28',
  title: `event stream silent for ${STREAM_S} s, WebSocket for ${SOCKET_S} s; read limit of ${LIMIT_S} s`,
  aim: '0 cut',
  measure: async (trial) => {
    const feature = await trial.backend((request, reply) => {
      if (request.target.endsWith('/ws')) return answerAs('feature', request, reply);
      reply.takeOver();
      reply.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
      setTimeout(() => reply.write('a\r\ndata: late\r\n0\r\n\r\n'), STREAM_S * 1_000).unref();
    });
    const proxy = await trial.start({
      legacy: feature.port,
      feature: [feature.port],
      silenceMs: LIMIT_S * 1_000,
    });
    const stream = async (): Promise<string> => {
      const client = await RawClient.connect(proxy.port);
      client.send(get('/feature/stream'));
      const answer = await client.readAnswer().catch(() => null);
      client.destroy();
      return answer?.complete === true && answer.text === 'data: late' ? 'whole' : 'cut';
    };
    const socket = async (): Promise<string> => {
      const opened = await RawWebSocket.open(proxy.port, '/feature/ws');
      await sleep(SOCKET_S * 1_000);
      const echo = await opened.echo('still there').catch(() => 'cut');
      opened.destroy();
      return echo === 'still there' ? 'alive' : 'cut';
    };
    const [streamEnd, socketEnd] = await Promise.all([stream(), socket()]);
    return { streamEnd, socketEnd };
  },
  text: ({ streamEnd, socketEnd }) => `event stream ${streamEnd}, WebSocket ${socketEnd}`,
  meets: (figures) => expect(figures).toEqual({ streamEnd: 'whole', socketEnd: 'alive' }),
});
