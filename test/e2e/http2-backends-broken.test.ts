import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CODE, data, FLAG, FRAME, frame, headers, reset } from '../support/http2-frames.ts';
import { type Http2Script, RawHttp2Backend } from '../support/http2-raw-backend.ts';
import { residentBytes } from '../support/process-memory.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until } from '../support/until.ts';

/** What clients of HTTP/1.1 see of a backend of HTTP/2 that breaks it, by the built router. */

let legacy: RawBackend;
let feature: RawHttp2Backend;
let router: RunningRouter;

const OPEN = FLAG.endHeaders;
const OK = [':status', '200', 'content-type', 'text/plain'];
const POST = 'POST /f HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\norder';

beforeAll(async () => {
  legacy = await RawBackend.start((_request, reply) => reply.send(200, [], 'legacy'));
  feature = await RawHttp2Backend.start(() => {});
  router = await startRouter(routes());
});

afterAll(async () => {
  await router?.stop();
  await feature?.stop();
  await legacy?.stop();
});

afterEach(async () => {
  await router.edit(routes());
  // Each begins on a new connection.
  for (const { socket } of feature.connections) socket.destroy();
  feature.connections.length = 0;
});

function routes(...more: string[]): string {
  return [
    `legacy: ${legacy.url}`,
    'features:',
    '  f:',
    `    url: ${feature.url}`,
    '    http2: true',
    '    breaker: false',
    '    hold_while_down: 0s',
    ...more.map((line) => `    ${line}`),
    'routes:',
    '  - match:',
    '      prefix: /f',
    '    to: f',
    '',
  ].join('\n');
}

function failureOf(text: string): string {
  return (JSON.parse(text) as { failure: string }).failure;
}

describe('before the head of an answer: a failure', () => {
  it.each<[string, Http2Script, number, string]>([
    [
      'a head that is malformed',
      ({ stream }, to) => to.write(headers(stream, [':status', '2OO'])),
      502,
      'bad_response',
    ],
    [
      'a field that would be two',
      ({ stream }, to) => to.write(headers(stream, [...OK, 'x', 'a\r\nset-cookie: b=c'])),
      502,
      'bad_response',
    ],
    [
      'a frame that is too large',
      (_request, to) => to.write(frame(FRAME.ping, { payload: Buffer.alloc(20_000) })),
      502,
      'bad_response',
    ],
    ['a stream that is reset', ({ stream }, to) => to.write(reset(stream, CODE.internalError)), 502, 'reset'],
    ['a connection that is reset', (_request, { socket }) => void socket.resetAndDestroy(), 502, 'reset'],
  ])('%s', async (_what, script, status, failure) => {
    feature.use(script);
    const answer = await ask(router.port, POST);
    expect([answer.status, failureOf(answer.text)]).toEqual([status, failure]);
    expect(answer.header('set-cookie')).toBe(undefined);
    expect(answer.complete).toBe(true);
    expect(feature.requests.length).toBe(1);
  });

  it('silence: the time limit, and the stream is given up', async () => {
    await router.edit(routes('timeouts:', '  response: 100ms'));
    feature.use(() => {});
    const answer = await ask(router.port, POST);
    expect([answer.status, failureOf(answer.text)]).toEqual([504, 'response_timeout']);
    const [connection] = feature.connections;
    await connection?.frame(({ type, stream }) => type === FRAME.rstStream && stream === 1);
  });
});

describe('after it: the client sees that the answer is cut', () => {
  it.each<[string, Http2Script]>([
    [
      'a stream that is reset',
      ({ stream }, to) =>
        to.write(headers(stream, OK, OPEN), data(stream, 'abc'), reset(stream, CODE.noError)),
    ],
    [
      'a connection that is closed',
      ({ stream }, to) => {
        to.write(headers(stream, OK, OPEN), data(stream, 'abc'));
        to.socket.end();
      },
    ],
    [
      'fewer bytes than its length',
      ({ stream }, to) =>
        to.write(headers(stream, [...OK, 'content-length', '9'], OPEN), data(stream, 'abc', FLAG.endStream)),
    ],
    [
      'more bytes than its length',
      ({ stream }, to) =>
        to.write(
          headers(stream, [...OK, 'content-length', '9'], OPEN),
          data(stream, 'abcdefghijk', FLAG.endStream),
        ),
    ],
  ])('%s', async (_what, script) => {
    feature.use(script);
    const answer = await ask(router.port, get('/f'));
    expect(answer.status).toBe(200);
    expect(answer.complete).toBe(false);
  });
});

describe('what the backend has not begun', () => {
  it('a POST that is refused is sent again, with its body', async () => {
    feature.use(({ stream }, to) => {
      if (stream === 1) to.write(reset(1, CODE.refusedStream));
      else void answerWithBody(stream, to);
    });
    const answer = await ask(router.port, POST);
    expect([answer.status, answer.text]).toEqual([200, 'got order']);
    expect(feature.requests.length).toBe(2);
  });

  it('a POST behind a GOAWAY goes to another connection', async () => {
    let connections = 0;
    feature.use(({ stream }, to) => {
      if (++connections > 1) void answerWithBody(stream, to);
      else to.write(frame(FRAME.goaway, { payload: Buffer.alloc(8) }));
    });
    const answer = await ask(router.port, POST);
    expect([answer.status, answer.text]).toEqual([200, 'got order']);
    expect(feature.connections.length).toBe(2);
  });

  it('a POST that is refused for good goes to legacy, if that catches', async () => {
    await router.edit(routes('fallback: true'));
    feature.use(({ stream }, to) => to.write(reset(stream, CODE.refusedStream)));
    const answer = await ask(router.port, POST);
    expect([answer.status, answer.text]).toEqual([200, 'legacy']);
    expect(feature.requests.length).toBe(3);
    const caught = await legacy.request(legacy.requests.length - 1);
    expect((await caught.body()).toString()).toBe('order');
    // One that broke off is another matter: nobody knows what became of it.
    feature.use(({ stream }, to) => to.write(reset(stream, CODE.internalError)));
    expect((await ask(router.port, POST)).status).toBe(502);
  });
});

describe('copies', () => {
  it('go over HTTP/2, too', async () => {
    await router.edit(routes('stage: shadow'));
    feature.use(({ stream }, to) => to.write(headers(stream, OK)));
    expect((await ask(router.port, get('/f/copied'))).text).toBe('legacy');
    await until(
      () => feature.requests,
      (requests) =>
        requests.some(({ fields }) => fields.includes('/f/copied') && fields.includes('x-banyan-shadow')),
    );
  });
});

describe('memory', () => {
  it('stays flat for 100 clients that take nothing of answers without end', async () => {
    feature.use(({ stream }, to) => {
      to.write(headers(stream, OK, OPEN));
      void flood(stream, to);
    });
    const warm = await RawClient.connect(router.port);
    warm.send(get('/f'));
    await warm.readHead();
    const before = await residentBytes(router.pid);
    const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(router.port)));
    for (const client of clients) client.send(get('/f'));
    await until(
      () => feature.requests.length,
      (count) => count === 101,
    );
    await sleep(500);
    // A window of 64 KiB each, what the kernel's buffers took aside, and what comes with a hundred exchanges.
    expect((await residentBytes(router.pid)) - before).toBeLessThan(40 * 1024 * 1024);
    // Who takes is served meanwhile, on the same connection.
    feature.use(({ stream }, to) =>
      to.write(headers(stream, OK, OPEN), data(stream, 'here', FLAG.endStream)),
    );
    expect((await ask(router.port, get('/f'))).text).toBe('here');
    // One for each process that serves.
    expect(feature.connections.length).toBeLessThanOrEqual(Number(process.env['WORKERS'] ?? 1));
    for (const client of [warm, ...clients]) client.destroy();
    await until(
      () => router.metric('banyan_requests_in_flight', { route: 'f', backend: 'f' }),
      (count) => count === 0,
    );
  });
});

type Connection = Parameters<Http2Script>[1];

async function answerWithBody(stream: number, to: Connection): Promise<void> {
  await to.frame(
    (one) => one.type === FRAME.data && one.stream === stream && (one.flags & FLAG.endStream) !== 0,
  );
  to.write(headers(stream, OK, OPEN), data(stream, `got ${to.bodyOf(stream)}`, FLAG.endStream));
}

/** As much as the router grants, for ever. */
async function flood(stream: number, to: Connection): Promise<void> {
  let granted = 65_535;
  let seen = 0;
  for (;;) {
    for (; granted >= 16_000; granted -= 16_000) to.write(data(stream, Buffer.alloc(16_000, 'x')));
    const grants = (): number =>
      to.frames
        .filter((one) => one.type === FRAME.windowUpdate && one.stream === stream)
        .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
    await to.frame(
      (one) =>
        one.type === FRAME.rstStream ||
        (one.type === FRAME.windowUpdate && one.stream === stream && grants() > seen),
    );
    if (to.isGone || to.frames.some((one) => one.type === FRAME.rstStream && one.stream === stream)) return;
    granted += grants() - seen;
    seen = grants();
    await new Promise(setImmediate);
  }
}
