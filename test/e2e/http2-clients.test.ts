import { once } from 'node:events';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Authority, type Certificate } from '../support/certificates.ts';
import { answered, Http2Client } from '../support/http2-client.ts';
import { CODE, codeOf, FRAME, getFields, headers, reset } from '../support/http2-frames.ts';
import { Http2RawClient } from '../support/http2-raw-client.ts';
import { answerAs, startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { until, within } from '../support/until.ts';

/** HTTP/2 from clients through the built router, over TLS, to backends that speak HTTP/1.1. */

let authority: Authority;
let certificate: Certificate;
let legacy: RawBackend;
let feature: RawBackend;
let router: RunningRouter;
const open: { destroy(): void }[] = [];

function routes(): string {
  return [
    `legacy: ${legacy.url}`,
    'features:',
    '  orders:',
    `    url: ${feature.url}`,
    '    stage: live',
    '  gone:',
    '    url: http://127.0.0.1:1',
    '    hold_while_down: 0s',
    '    stage: live',
    'routes:',
    '  - match: { prefix: /orders }',
    '    to: orders',
    '  - match: { prefix: /gone }',
    '    to: gone',
    '',
  ].join('\n');
}

function start(): Promise<RunningRouter> {
  const { certFile, keyFile } = certificate;
  const tls = ['--tls-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile];
  return startRouter(routes(), { flags: ['--front', 'wire', ...tls] });
}

function connect(to = router): Http2Client {
  const client = new Http2Client(to.tlsUrl, { ca: authority.own.cert, servername: 'shop.test' });
  open.push(client);
  return client;
}

beforeAll(async () => {
  authority = new Authority();
  certificate = authority.issue('shop', ['DNS:shop.test']);
  legacy = await startNamed('legacy');
  feature = await startNamed('feature');
  router = await start();
});

afterEach(() => {
  for (const client of open.splice(0)) client.destroy();
  for (const [backend, name] of [
    [legacy, 'legacy'],
    [feature, 'feature'],
  ] as const)
    backend.use((request, reply) => answerAs(name, request, reply));
});

afterAll(async () => {
  await router?.stop();
  await legacy?.stop();
  await feature?.stop();
  authority?.remove();
});

describe('a request over HTTP/2', () => {
  it('reaches its backend as it would over HTTP/1.1, but for Via and the case of names', async () => {
    const fields = [
      'Accept: */*',
      'X-Twice: 1',
      'Cookie: a=1; b=2',
      'X-Twice: 2',
      'X-Forwarded-For: 1.2.3.4',
    ];
    await ask(router.tlsUrl, get('/orders/7?x=%20y', [...fields, 'X-Banyan-Evil: 1', 'TE: trailers']));
    const one = feature.requests.at(-1)!;
    const host = one.header('host')!;
    const answer = await connect().ask({
      ':path': '/orders/7?x=%20y',
      ':authority': host,
      accept: '*/*',
      'x-twice': ['1', '2'],
      cookie: ['a=1', 'b=2'],
      'x-forwarded-for': '1.2.3.4',
      'x-banyan-evil': '1',
      te: 'trailers',
    });
    expect(answer).toMatchObject({ status: 200, code: 0 });
    expect(answer.header('x-answered-by')).toBe('feature');
    const two = feature.requests.at(-1)!;
    expect(two.target).toBe('/orders/7?x=%20y');
    const fieldsOf = ({ headers: list }: typeof one): string[] =>
      list
        .flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${list[i + 1]}`] : []))
        .filter((line) => !line.startsWith('x-request-id: '))
        .sort();
    const expected = fieldsOf(one).map((line) => (line === 'via: 1.1 banyan' ? 'via: 2 banyan' : line));
    expect(fieldsOf(two)).toEqual(expected);
  });

  it('is counted and logged, with its protocol', async () => {
    const before = await router.metric('banyan_requests_total', {
      route: 'orders',
      backend: 'orders',
      method: 'POST',
      code: '200',
    });
    const answer = await connect().ask(
      { ':method': 'POST', ':path': '/orders/new', ':authority': 'shop.test' },
      'hello',
    );
    expect(answer.text).toBe('hello');
    const line = await router.log(({ path }) => path === '/orders/new');
    expect(line).toMatchObject({
      protocol: 'HTTP/2.0',
      method: 'POST',
      status: 200,
      bytes_in: 5,
      bytes_out: 5,
      side: 'feature',
    });
    await until(
      () =>
        router.metric('banyan_requests_total', {
          route: 'orders',
          backend: 'orders',
          method: 'POST',
          code: '200',
        }),
      (now) => now === before + 1,
    );
  });

  it('gets 1xx, trailers and chunks of its backend', async () => {
    legacy.use(async (request, reply) => {
      await request.body();
      reply.write('HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n');
      reply.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nKeep-Alive: x\r\nTrailer: X-Sum\r\n\r\n');
      reply.write('5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n');
    });
    const answer = await connect().ask({ ':authority': 'shop.test' });
    expect(answer.informational).toMatchObject([{ ':status': 103, link: '</a>; rel=preload' }]);
    expect(answer).toMatchObject({ status: 200, text: 'hello', trailers: { 'x-sum': '5' } });
    expect(answer.headers).toEqual(['trailer', 'X-Sum']);
  });

  it('hands on trailers, and a body that nobody knows the length of', async () => {
    const stream = connect().open({ ':method': 'POST', ':authority': 'shop.test', ':path': '/up' }, true);
    stream.session!.on('error', () => {});
    const answer = answered(stream);
    stream.write('some ');
    stream.end('more');
    expect(await answer).toMatchObject({ status: 200, text: 'some more' });
    const request = legacy.requests.at(-1)!;
    expect(request.header('transfer-encoding')).toBe('chunked');
    expect(request.header('content-length')).toBeUndefined();
  });

  it('waits for 100 Continue', async () => {
    const stream = connect().open(
      { ':method': 'POST', ':authority': 'shop.test', expect: '100-continue', 'content-length': 3 },
      true,
    );
    const answer = answered(stream);
    await within(5_000, '100', new Promise((resolve) => stream.once('continue', resolve)));
    stream.end('abc');
    expect(await answer).toMatchObject({ status: 200, text: 'abc' });
  });

  it('is answered with a problem where nobody can answer it', async () => {
    const answer = await connect().ask({ ':path': '/gone', ':authority': 'shop.test' });
    expect(answer.status).toBe(502);
    expect(answer.header('content-type')).toBe('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'connect_refused' });
  });

  it('is cut when its backend dies in the middle, and no other is', async () => {
    legacy.use(async (request, reply) => {
      if (request.target === '/fine') return answerAs('legacy', request, reply);
      reply.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      reply.reset();
      return undefined;
    });
    const client = connect();
    const [broken, fine] = await Promise.all([
      client.ask({ ':path': '/broken', ':authority': 'shop.test' }),
      client.ask({ ':path': '/fine', ':authority': 'shop.test' }),
    ]);
    expect(broken.code).toBe(CODE.internalError);
    expect(fine).toMatchObject({ status: 200, code: 0 });
  });

  it('that is given up is cancelled at the backend', async () => {
    const begun = feature.requests.length;
    feature.use(async (request) => {
      await request.gone;
    });
    const client = connect();
    const stream = client.open({ ':path': '/orders/slow', ':authority': 'shop.test' });
    const request = await feature.request(begun);
    stream.close(CODE.cancel);
    await within(1_000, 'the cancellation', request.gone);
    const line = await router.log(({ path }) => path === '/orders/slow');
    expect(line).toMatchObject({ status: 499, failure: 'client_closed' });
    feature.use((next, reply) => answerAs('feature', next, reply));
    expect((await client.ask({ ':path': '/orders', ':authority': 'shop.test' })).status).toBe(200);
  });

  it('streams events, and many at a time beside other requests', async () => {
    const client = connect();
    const streams = Array.from({ length: 20 }, () =>
      client.open({ ':path': '/orders/events', ':authority': 'shop.test' }),
    );
    const seen = streams.map(() => '');
    for (const [i, stream] of streams.entries())
      stream.on('data', (bytes) => {
        seen[i] += bytes;
      });
    await until(() => seen.every((text) => text.includes('data: feature 5\n')), Boolean);
    expect((await client.ask({ ':path': '/orders', ':authority': 'shop.test' })).status).toBe(200);
    for (const stream of streams) stream.close(CODE.cancel);
  });

  it('carries large bodies both ways', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024, 'banyan');
    const answer = await connect().ask(
      { ':method': 'PUT', ':path': '/orders/large', ':authority': 'shop.test' },
      body,
    );
    expect(answer.body.equals(body)).toBe(true);
  });
});

describe('abuse of HTTP/2', () => {
  it('is counted and logged, and costs backends little', async () => {
    const before = await router.metric('banyan_rejected_requests_total', { reason: 'over_capacity' });
    const asked = legacy.requests.length;
    const { port } = new URL(router.tlsUrl);
    const options = {
      port: Number(port),
      ca: authority.own.cert,
      servername: 'shop.test',
      ALPNProtocols: ['h2'],
    };
    const socket = tls.connect(options);
    await once(socket, 'secureConnect');
    const client = Http2RawClient.over(socket);
    open.push(client);
    for (let id = 1; id < 6_000; id += 2) client.send(headers(id, getFields('/')), reset(id));
    expect(codeOf(await client.frame(FRAME.goaway))).toBe(CODE.enhanceYourCalm);
    await client.closed();
    expect(legacy.requests.length - asked).toBeLessThan(300);
    await until(
      () => router.metric('banyan_rejected_requests_total', { reason: 'over_capacity' }),
      (now) => now === before + 1,
    );
    await router.log(({ failure, method }) => failure === 'over_capacity' && method === null);
  });
});

describe('the end of a router', () => {
  it('loses no request of clients that speak HTTP/2', async () => {
    const own = await start();
    const clients = Array.from({ length: 4 }, () => connect(own));
    legacy.use(async (request, reply) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return answerAs('legacy', request, reply);
    });
    const asked: ReturnType<Http2Client['ask']>[] = [];
    const asking = clients.map((client) => {
      const timer = setInterval(() => asked.push(client.ask({ ':authority': 'shop.test' })), 2);
      client.session.once('goaway', () => clearInterval(timer));
      client.session.once('close', () => clearInterval(timer));
      return client;
    });
    await until(
      () => asked.length,
      (count) => count > 100,
    );
    expect(await own.stop()).toBe(0);
    for (const client of asking) client.destroy();
    const answers = (await Promise.all(asked)).filter(({ code }) => code !== CODE.refusedStream);
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.filter(({ status, code }) => status !== 200 || code !== 0)).toEqual([]);
  });
});
