/** Each kind of client against the bench's backend, and against servers that do it wrong. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { BackendConnection } from '../../../bench/backend/backend-connection.ts';
import { EventStreams } from '../../../bench/backend/event-streams.ts';
import { clientFor } from '../../../bench/load/client-for.ts';
import { Tally } from '../../../bench/load/tally.ts';
import { WORKLOADS } from '../../../bench/workloads.ts';
import { eventually } from '../../support/eventually.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function serverOf(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function backend(): Promise<number> {
  const streams = new EventStreams();
  return serverOf((socket) => void new BackendConnection(socket, streams));
}

function clientOf(id: string, port: number) {
  const load = WORKLOADS.find((workload) => workload.id === id)?.load;
  if (load === undefined) throw new Error(`no workload ${id}`);
  const plan = { ...load, port, connections: 1 };
  const tally = new Tally();
  const request = Buffer.concat([Buffer.from(plan.head, 'latin1'), Buffer.alloc(plan.bodyBytes)]);
  return { client: clientFor({ plan, tally, request, buffer: Buffer.alloc(65_536) }), tally };
}

test.each(['small-64', 'headers', 'connect', '10k', 'chunked', '1m', 'up-1m', 'streams', 'websockets'])(
  '%s: prepared, answered, and no failure when it ends',
  async (id) => {
    const { client, tally } = clientOf(id, await backend());
    await client.prepare();
    tally.start(performance.now());
    const running = client.run();
    await eventually(
      () => tally.result.answered,
      (answered) => answered > 2,
    );
    client.stop();
    await running;
    client.close();
    expect(tally.failures).toEqual({ failed: 0, reasons: [] });
    expect(tally.result.tookMs).toBeGreaterThan(0);
  },
);

const WRONG: readonly (readonly [string, string, string])[] = [
  ['small-64', 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n', 'status 502 with 0 bytes'],
  ['small-64', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno', 'status 200 with 2 bytes'],
  ['small-64', 'no HTTP\r\n\r\n', 'an answer that cannot be read'],
  ['streams', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'the stream ended'],
  ['streams', 'HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n', 'status 503'],
  ['websockets', 'HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n', 'status 400'],
];

test.each(WRONG)('%s answered with %j: a failure, in words', async (id, answer, reason) => {
  const port = await serverOf((socket) => socket.once('data', () => socket.write(answer)));
  const { client, tally } = clientOf(id, port);
  await client.prepare();
  client.close();
  expect(tally.failures).toEqual({ failed: 1, reasons: [reason] });
});

test.each(['small-64', 'streams', 'websockets'])('%s: silence is a failure when time is up', async (id) => {
  const port = await serverOf(() => {});
  const { client, tally } = clientOf(id, port);
  const prepared = client.prepare();
  client.close();
  await prepared;
  expect(tally.failures.failed).toBe(1);
});

test('a connection that is closed in the middle of an answer is a failure; between answers it is not', async () => {
  const half = await serverOf((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n')));
  const broken = clientOf('small-64', half);
  await broken.client.prepare();
  broken.client.close();
  expect(broken.tally.failures).toEqual({ failed: 1, reasons: ['the connection was closed'] });

  const answer = `HTTP/1.1 200 OK\r\nContent-Length: 150\r\n\r\n${'b'.repeat(150)}`;
  const closing = await serverOf((socket) => socket.once('data', () => socket.end(answer)));
  const { client, tally } = clientOf('small-64', closing);
  await client.prepare();
  await eventually(() => [...sockets].every((socket) => socket.destroyed), Boolean);
  tally.start(performance.now());
  const running = client.run();
  await eventually(
    () => tally.result.answered,
    (answered) => answered > 0,
  );
  client.stop();
  await running;
  client.close();
  expect(tally.result.answered).toBeGreaterThan(0);
});
