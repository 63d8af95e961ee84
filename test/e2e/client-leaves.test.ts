import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startNamed } from '../support/named-backend.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until, within } from '../support/until.ts';

/** A client that leaves, at whatever stage: the backend's work ends within 100 ms, and it is counted as 499. */

const AT_ONCE_MS = 100;

let backend: RawBackend;
let router: RunningRouter;
let deadPort: number;

beforeAll(async () => {
  backend = await RawBackend.start(() => {});
  const dead = await startNamed('dead');
  deadPort = dead.port;
  await dead.stop();
  router = await startRouter(`
legacy: ${backend.url}
features:
  full:
    url: ${backend.url}
    max_in_flight: 1
    queue: 20s
  down:
    url: http://127.0.0.1:${deadPort}
    hold_while_down: 20s
routes:
  - match:
      prefix: /full
    to: full
  - match:
      prefix: /down
    to: down
`);
});

beforeEach(() => backend.use((_, reply) => reply.takeOver()));

afterAll(async () => {
  await router.stop('SIGKILL');
  await backend.stop();
});

/** How the client goes: politely, or with a reset. */
const WAYS = [
  ['FIN', (client: RawClient) => client.end()],
  ['RST', (client: RawClient) => client.reset()],
] as const;

async function expectCounted(target: string, route: string): Promise<void> {
  const line = await within(
    2_000,
    'a log line',
    router.log((entry) => entry['path'] === target),
  );
  expect(line).toMatchObject({ status: 499, failure: 'client_closed', route });
  await until(
    () => router.metric('banyan_requests_total', { route, code: '499' }),
    (count) => count > 0,
  );
}

it.each(WAYS)('while the backend thinks (%s)', async (way, leave) => {
  const from = backend.requests.length;
  const client = await RawClient.connect(router.port);
  client.send(get(`/thinking/${way}`));
  const { gone } = await backend.request(from);
  const disconnects = await router.metric('banyan_client_disconnects_total', { route: '(default)' });
  const since = performance.now();
  leave(client);
  await within(2_000, 'the end of the backend’s work', gone);
  expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
  await expectCounted(`/thinking/${way}`, '(default)');
  expect(await router.metric('banyan_client_disconnects_total', { route: '(default)' })).toBe(
    disconnects + 1,
  );
});

it.each(WAYS)('while it uploads (%s)', async (way, leave) => {
  const from = backend.requests.length;
  backend.use(async (request, reply) => {
    reply.takeOver();
    await request.body().catch(() => {});
  });
  const client = await RawClient.connect(router.port);
  client.send(`POST /uploading/${way} HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\nsome`);
  const { gone } = await backend.request(from);
  const since = performance.now();
  leave(client);
  await within(2_000, 'the end of the backend’s work', gone);
  expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
  await expectCounted(`/uploading/${way}`, '(default)');
});

it.each(WAYS)('while the answer comes (%s)', async (way, leave) => {
  const from = backend.requests.length;
  backend.use(async (_, reply) => {
    reply.takeOver();
    reply.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n');
  });
  const client = await RawClient.connect(router.port);
  client.send(get(`/streaming/${way}`));
  await client.readHead();
  const { gone } = await backend.request(from);
  const since = performance.now();
  leave(client);
  await within(2_000, 'the end of the backend’s work', gone);
  expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
  await expectCounted(`/streaming/${way}`, '(default)');
});

it('while it waits for a place: the backend never hears of it, and the place goes to the next', async () => {
  const from = backend.requests.length;
  const first = await RawClient.connect(router.port);
  first.send(get('/full/first'));
  await backend.request(from);
  const waiting = await RawClient.connect(router.port);
  waiting.send(get('/full/waiting'));
  await until(queued, (count) => count === 1);
  waiting.reset();
  await until(queued, (count) => count === 0);
  await expectCounted('/full/waiting', 'full');
  backend.use((request, reply) => reply.send(200, [], request.target));
  first.reset();
  expect((await ask(router.port, get('/full/next'))).text).toBe('/full/next');
  expect(backend.requests.slice(from).map(({ target }) => target)).toEqual(['/full/first', '/full/next']);
});

async function queued(): Promise<number> {
  const page = (await (await fetch(`${router.adminUrl}/api/backends`)).json()) as {
    backends: { name: string; waiting: number }[];
  };
  return page.backends.find(({ name }) => name === 'full')!.waiting;
}

it('while it is held: nothing is sent when the backend comes up', async () => {
  const client = await RawClient.connect(router.port);
  client.send(get('/down/held'));
  await until(
    () => router.metric('banyan_requests_in_flight', { route: 'down', backend: 'down' }),
    (count) => count === 1,
  );
  client.reset();
  await expectCounted('/down/held', 'down');
  const back = await startNamed('back', deadPort);
  await sleep(300);
  expect(back.requests.length).toBe(0);
  await back.stop();
});

it('200 of them at once leave nothing behind', async () => {
  backend.use((_, reply) => reply.takeOver());
  const from = backend.requests.length;
  const clients = await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(router.port)));
  for (const client of clients) client.send(get('/many'));
  await backend.request(from + 199);
  const open = backend.open;
  expect(open).toBeGreaterThanOrEqual(200);
  for (const client of clients) client.reset();
  await until(
    () => backend.open,
    (count) => count <= open - 200,
    { withinMs: 2_000, what: 'the end of 200 backend connections' },
  );
  await until(
    () => router.metric('banyan_requests_in_flight', { route: '(default)', backend: 'legacy' }),
    (count) => count === 0,
  );
});
