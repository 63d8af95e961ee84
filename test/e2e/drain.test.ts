import { once } from 'node:events';
import net from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EventStream } from '../support/event-stream.ts';
import { Load } from '../support/load.ts';
import { answerAs } from '../support/named-backend.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, post, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until } from '../support/until.ts';

/** The end of a router: told to stop, it loses nothing that it could still finish. */

let backend: RawBackend;
let router: RunningRouter;

beforeAll(async () => {
  backend = await RawBackend.start(() => {});
});

beforeEach(() => backend.use((request, reply) => answerAs('legacy', request, reply)));

afterEach(() => router?.stop('SIGKILL'));

afterAll(() => backend.stop());

async function start(...flags: string[]): Promise<void> {
  router = await startRouter(`legacy: ${backend.url}\n`, { flags });
}

/** Answers with a body of ten pieces over this time. */
function slowly(ms: number): void {
  backend.use(async (_, reply) => {
    reply.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
    for (let i = 0; i < 10 && !reply.socket.destroyed; i++) {
      await sleep(ms / 10);
      reply.write(String(i));
    }
  });
}

async function readiness(): Promise<number> {
  return (await fetch(`${router.adminUrl}/readyz`)).status;
}

describe('SIGTERM', () => {
  it('under load loses nothing: Connection: close first, then the end, with 0', async () => {
    await start('--drain-timeout', '5s');
    backend.use(async (request, reply) => {
      const body = await request.body();
      await sleep(5);
      reply.send(200, [], body);
    });
    const load = new Load(router.port, {
      clients: 20,
      pauseMs: 3,
      request: (client, number) =>
        client % 2 === 0 ? get(`/${number}`) : post(`/${number}`, 'x'.repeat(2_000)),
    });
    await until(
      () => load.answered,
      (count) => count > 500,
    );
    const from = performance.now();
    expect(await router.stop()).toBe(0);
    const tookMs = performance.now() - from;
    const figures = await load.stop();
    console.log('SIGTERM under load:', JSON.stringify({ ...figures, tookMs: Math.round(tookMs) }));
    expect(figures.lost).toEqual([]);
    expect(Object.keys(figures.byStatus)).toEqual(['200']);
    // Every client learned of the end from an answer, none from a connection that was just gone.
    expect(figures.idleClosed).toBe(0);
    expect(figures.saidClose).toBe(20);
    expect(tookMs).toBeLessThan(3_000);
  });

  it('with --shutdown-delay is not ready at once, and goes on taking connections meanwhile', async () => {
    await start('--shutdown-delay', '1s');
    expect(await readiness()).toBe(200);
    const kept = await RawClient.connect(router.port);
    kept.send(get('/'));
    await kept.readAnswer();
    const from = performance.now();
    const exit = router.stop();
    await until(readiness, (status) => status === 503);
    expect((await fetch(`${router.adminUrl}/healthz`)).status).toBe(200);
    const late = await RawClient.connect(router.port);
    late.send(get('/late'));
    const answer = await late.readAnswer();
    expect(answer.status).toBe(200);
    expect(answer.header('connection')).toBe(undefined);
    late.destroy();
    kept.send(get('/'));
    expect((await kept.readAnswer()).status).toBe(200);
    kept.destroy();
    expect(await exit).toBe(0);
    expect(performance.now() - from).toBeGreaterThan(950);
  });

  it('long answers finish, while no new connection is taken and /readyz says 503', async () => {
    await start();
    slowly(1_500);
    const client = await RawClient.connect(router.port);
    client.send(get('/report'));
    await client.readHead();
    const exit = router.stop();
    await router.log((line) => line['msg'] === 'stopping');
    expect(await until(readiness, (status) => status === 503)).toBe(503);
    await until(
      () => refuses(router.port),
      (isRefused) => isRefused,
      { what: 'a closed port' },
    );
    expect((await client.reader.exactly(10)).toString()).toBe('0123456789');
    // Its answer had begun before the signal; the connection is closed after it all the same.
    expect(await client.closed()).toBe('end');
    client.destroy();
    expect(await exit).toBe(0);
  });

  it('uploads finish too, and so does what waits for its backend', async () => {
    await start();
    const from = backend.requests.length;
    backend.use(async (request, reply) => {
      const body = await request.body();
      await sleep(400);
      reply.send(200, [], `${body.length}`);
    });
    const upload = await RawClient.connect(router.port);
    upload.send('POST /up HTTP/1.1\r\nHost: shop\r\nContent-Length: 20\r\n\r\n0123456789');
    await backend.request(from);
    const exit = router.stop();
    await router.log((line) => line['msg'] === 'stopping');
    await sleep(200);
    upload.send('0123456789');
    const answer = await upload.readAnswer('POST');
    expect([answer.status, answer.text, answer.header('connection')]).toEqual([200, '20', 'close']);
    upload.destroy();
    expect(await exit).toBe(0);
  });

  it('a request that arrives on an idle connection in that moment is still answered', async () => {
    await start();
    const idle = await RawClient.connect(router.port);
    idle.send(get('/'));
    await idle.readAnswer();
    const exit = router.stop();
    await router.log((line) => line['msg'] === 'stopping');
    idle.send(get('/on-its-way'));
    const answer = await idle.readAnswer();
    expect([answer.status, answer.header('connection')]).toEqual([200, 'close']);
    idle.destroy();
    expect(await exit).toBe(0);
  });

  it('after --drain-timeout what is left is cut, visibly, and the exit is 0 all the same', async () => {
    await start('--drain-timeout', '600ms');
    slowly(20_000);
    const client = await RawClient.connect(router.port);
    client.send(get('/endless'));
    const answer = client.readAnswer();
    await backend.request(backend.requests.length - 1);
    const from = performance.now();
    expect(await router.stop()).toBe(0);
    const tookMs = performance.now() - from;
    expect(tookMs).toBeGreaterThan(550);
    expect(tookMs).toBeLessThan(2_000);
    expect((await answer).complete).toBe(false);
    expect(router.logs().some((line) => String(line['msg']).startsWith('drain timeout'))).toBe(true);
    expect(await router.log((line) => line['path'] === '/endless')).toMatchObject({ failure: 'draining' });
  });

  it('who waits for an answer then is told: 503, draining, Retry-After', async () => {
    await start('--drain-timeout', '300ms');
    const from = backend.requests.length;
    backend.use((_, reply) => reply.takeOver());
    const client = await RawClient.connect(router.port);
    client.send(get('/never'));
    await backend.request(from);
    const exit = router.stop();
    const answer = await client.readAnswer();
    expect([answer.status, answer.header('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'draining' });
    expect(await exit).toBe(0);
  });

  it('event streams hold it up to the timeout, then are cut', async () => {
    await start('--drain-timeout', '700ms');
    const stream = await EventStream.open(router.port, '/events');
    expect(await router.stop()).toBe(0);
    await until(
      () => stream.ended,
      (ended) => ended !== null,
    );
    expect(stream.ended).toBe('cut');
  });

  it('twice: the second one ends it at once, with 1', async () => {
    await start();
    slowly(20_000);
    const client = await RawClient.connect(router.port);
    client.send(get('/endless'));
    await client.readHead();
    const exit = router.stop();
    await router.log((line) => line['msg'] === 'stopping');
    const from = performance.now();
    process.kill(router.pid, 'SIGINT');
    expect(await exit).toBe(1);
    expect(performance.now() - from).toBeLessThan(1_000);
    client.destroy();
  });
});

async function refuses(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  const outcome = await Promise.race([
    once(socket, 'connect').then(() => false),
    once(socket, 'error').then(() => true),
  ]).catch(() => true);
  socket.destroy();
  return outcome;
}
