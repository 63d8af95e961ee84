import { once } from 'node:events';
import { connect, createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { answerAs } from '../support/named-backend.ts';
import type { RawRequest, Script } from '../support/raw-backend.ts';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { chunked } from '../support/raw-message.ts';
import { ShadowShop, type ShadowSketch } from '../support/shadow-shop.ts';
import { sleep, until } from '../support/until.ts';
import { RawWebSocket } from '../support/websocket.ts';

/** Both sides are asked, one answers; seen from the sockets of client, legacy and feature. */

let shop: ShadowShop;

beforeAll(async () => {
  shop = await ShadowShop.open();
});

beforeEach(() => shop.reset());

afterAll(() => shop.close());

/** Puts this in force; how many drawn requests there were before. */
async function during(sketch: ShadowSketch): Promise<number> {
  await shop.edit(sketch);
  const counts = ['answered', 'failed', 'dropped', 'skipped'].map((outcome) => shop.count(outcome));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

const names = (headers: readonly string[]): string[] =>
  headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());

function fieldsOf({ headers }: RawRequest): string[] {
  const fields: string[] = [];
  for (let i = 0; i < headers.length; i += 2) fields.push(`${headers[i]}: ${headers[i + 1]}`);
  return fields;
}

describe('stage shadow', () => {
  it('legacy answers; the feature gets the same request, marked, and nothing of it reaches the client', async () => {
    const before = await during({});
    shop.search.use((_, reply) => reply.send(500, ['Set-Cookie: shadow=1', 'X-Answered-By: search'], 'no'));
    const lines = ['Cookie: sid=7', 'X-Banyan-Shadow: 1', 'X-Custom: ä', 'traceparent: 00-1-2-01'];
    const answer = await ask(shop.router.port, get('/search/a%20b?q=1', lines));
    expect([answer.status, answer.header('x-answered-by')]).toEqual([200, 'legacy']);
    expect(answer.header('set-cookie')).toBeUndefined();
    await shop.over(before + 1);
    const [served] = shop.legacy.requests;
    const [copy] = shop.search.requests;
    expect([copy?.method, copy?.target]).toEqual(['GET', '/search/a%20b?q=1']);
    expect(fieldsOf(copy as RawRequest)).toEqual([...fieldsOf(served as RawRequest), 'x-banyan-shadow: 1']);
    expect(names(served?.headers ?? [])).not.toContain('x-banyan-shadow');
    expect(shop.legacy.requests).toHaveLength(1);
    expect(shop.search.requests).toHaveLength(1);
  });

  it('the feature is asked as the feature: its rewrite, its request headers', async () => {
    const before = await during({
      route: ['rewrite: { strip_prefix: true }', 'request_headers: { set: { X-New: "1" } }'],
    });
    await ask(shop.router.port, get('/search/a'));
    await shop.over(before + 1);
    expect(shop.legacy.requests[0]?.target).toBe('/search/a');
    expect(shop.search.requests[0]?.target).toBe('/a');
    expect(shop.search.requests[0]?.header('x-new')).toBe('1');
    expect(shop.search.requests[0]?.header('x-forwarded-prefix')).toBe('/search');
  });

  it('a tester is served by the feature, and nobody is asked twice', async () => {
    await during({ more: ['testers: { cookies: { staff: "1" } }'] });
    const answer = await ask(shop.router.port, get('/search', ['Cookie: staff=1']));
    expect(answer.header('x-answered-by')).toBe('search');
    await sleep(50);
    expect([shop.legacy.requests.length, shop.search.requests.length]).toEqual([0, 1]);
  });

  it('copies are in no line of the access log, and in the metrics of attempts', async () => {
    const before = await during({});
    const attempts = { backend: 'search', purpose: 'shadow', result: '2xx' };
    const seen = await shop.router.metric('banyan_backend_attempts_total', attempts);
    const lines = shop.router.logs().length;
    await ask(shop.router.port, get('/search/log'));
    await shop.over(before + 1);
    expect(await shop.router.metric('banyan_backend_attempts_total', attempts)).toBe(seen + 1);
    await shop.router.log((line) => line['path'] === '/search/log');
    const logged = shop.router
      .logs()
      .slice(lines)
      .filter((line) => line['path'] === '/search/log');
    expect(logged).toMatchObject([{ stage: 'shadow', side: 'legacy', status: 200, attempts: 1 }]);
    expect(await shop.router.metric('banyan_requests_total', { route: 'search', backend: 'search' })).toBe(1);
  });

  it('noise asks legacy once more, marked, and never for a write', async () => {
    const before = await during({ shadow: ['noise: 100%', 'writes: [POST]'] });
    await ask(shop.router.port, get('/search'));
    await ask(shop.router.port, post('/search', 'x'));
    await shop.over(before + 2);
    const marks = shop.legacy.requests.map(
      (request) => `${request.method} ${request.header('x-banyan-shadow')}`,
    );
    expect(marks.sort()).toEqual(['GET 1', 'GET undefined', 'POST undefined']);
    expect(shop.search.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });
});

describe('bodies', () => {
  const readBodies: Script = async (request, reply) => {
    await request.body();
    reply.send(200, [], 'ok');
  };

  beforeEach(() => {
    shop.legacy.use(readBodies);
    shop.search.use(readBodies);
  });

  it('of a write that is named go along, framed as the client framed them, with trailers', async () => {
    const before = await during({ shadow: ['writes: [PUT]'] });
    const [head, sent] = ['PUT /search HTTP/1.1\r\nHost: s\r\n', 'x'.repeat(100_000)];
    await ask(shop.router.port, `${head}Content-Length: 100000\r\n\r\n${sent}`);
    const trailing = chunked([sent, 'y'], ['X-Sum', '7']);
    await ask(shop.router.port, `${head}Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n${trailing}`);
    await shop.over(before + 2);
    const [sized, streamed] = shop.search.requests as [RawRequest, RawRequest];
    expect([sized.header('content-length'), String(await sized.body())]).toEqual(['100000', sent]);
    expect([streamed.header('transfer-encoding'), String(await streamed.body())]).toEqual([
      'chunked',
      `${sent}y`,
    ]);
    expect(streamed.trailers).toEqual(['X-Sum', '7']);
  });

  it('with Expect: 100-continue are copied without it', async () => {
    const before = await during({ shadow: ['writes: [POST]'] });
    const client = await RawClient.connect(shop.router.port);
    client.send('POST /search HTTP/1.1\r\nHost: s\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
    await shop.legacy.request(0);
    client.send('ok');
    expect((await client.readAnswer('POST')).status).toBe(200);
    client.destroy();
    await shop.over(before + 1);
    expect(shop.legacy.requests[0]?.header('expect')).toBe('100-continue');
    expect(shop.search.requests[0]?.header('expect')).toBeUndefined();
    expect(String(await shop.search.requests[0]?.body())).toBe('ok');
  });
});

describe('not copied', () => {
  const large: Script = (request, reply) =>
    request.target === '/search/large'
      ? reply.send(200, [], 'x'.repeat(5_000))
      : answerAs('legacy', request, reply);
  const of =
    (status: number): Script =>
    (_, reply) =>
      reply.send(status, [], status === 304 ? '' : 'part');

  it.each<[string, string, Script | null, () => Promise<unknown>]>([
    ['writes, unless they are named', 'method', null, () => ask(shop.router.port, post('/search', 'x'))],
    ['ranges', 'range', null, () => ask(shop.router.port, get('/search', ['Range: bytes=0-1']))],
    ['parts', 'partial', of(206), () => ask(shop.router.port, get('/search'))],
    ['what the client has', 'partial', of(304), () => ask(shop.router.port, get('/search'))],
    ['long answers', 'too_large', large, () => ask(shop.router.port, get('/search/large'))],
    ['event streams', 'stream', null, () => openStream()],
    ['upgrades', 'upgrade', null, () => openWebSocket()],
    ['what failed', 'failed', (_, reply) => reply.reset(), () => ask(shop.router.port, post('/search', 'x'))],
    ['what a client left', 'failed', () => new Promise(() => {}), () => leave()],
  ])('%s: %s', async (what, reason, script, request) => {
    const writes = what === 'what failed' ? ['writes: [POST]'] : [];
    const before = await during({ shadow: ['max_body: 4KiB', ...writes] });
    const skipped = await shop.count('skipped', reason);
    if (script !== null) shop.legacy.use(script);
    await request();
    await shop.over(before + 1);
    expect(await shop.count('skipped', reason)).toBe(skipped + 1);
    expect(shop.search.requests).toHaveLength(0);
  });

  async function openStream(): Promise<void> {
    const client = await RawClient.connect(shop.router.port);
    client.send(get('/search/events'));
    await shop.over(1);
    await until(
      () => shop.count('skipped', 'stream'),
      (count) => count > 0,
    );
    client.destroy();
  }

  async function openWebSocket(): Promise<void> {
    const socket = await RawWebSocket.open(shop.router.port, '/search/ws');
    socket.destroy();
  }

  async function leave(): Promise<void> {
    const client = await RawClient.connect(shop.router.port);
    client.send(get('/search'));
    await shop.legacy.request(0);
    client.destroy();
  }

  it('the share that is not drawn', async () => {
    const before = await during({ shadow: ['percent: 0%'] });
    for (let i = 0; i < 20; i++) await ask(shop.router.port, get('/search'));
    await during({ shadow: ['percent: 50%'] });
    for (let i = 0; i < 200; i++) await ask(shop.router.port, get('/search'));
    await until(
      () => during({ shadow: ['percent: 50%'] }),
      (drawn) => drawn - before === shop.search.requests.length,
    );
    // 200 draws of one half: beyond these bounds once in 10^9 runs.
    expect(shop.search.requests.length).toBeGreaterThan(55);
    expect(shop.search.requests.length).toBeLessThan(145);
  });

  it('anything while legacy_only says so', async () => {
    await during({ top: ['legacy_only: true'] });
    await ask(shop.router.port, get('/search'));
    await sleep(50);
    expect(shop.search.requests).toHaveLength(0);
  });
});

describe('with the roles changed', () => {
  const live = (more: readonly string[] = []): ShadowSketch => ({
    stage: 'live',
    shadow: ['stages: [shadow, live]', 'writes: [POST]'],
    more,
  });

  it('the feature answers and legacy gets the copies, never of a write', async () => {
    const before = await during(live());
    expect((await ask(shop.router.port, get('/search'))).header('x-answered-by')).toBe('search');
    expect((await ask(shop.router.port, post('/search', 'x'))).header('x-answered-by')).toBe('search');
    await shop.over(before + 2);
    expect(shop.legacy.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(shop.legacy.requests[0]?.header('x-banyan-shadow')).toBe('1');
  });

  it('what a fallback answered is not copied', async () => {
    const before = await during(live(['fallback: true']));
    const skipped = await shop.count('skipped', 'fallback');
    shop.search.use((_, reply) => reply.send(503));
    expect((await ask(shop.router.port, get('/search'))).header('x-answered-by')).toBe('legacy');
    await shop.over(before + 1);
    expect(await shop.count('skipped', 'fallback')).toBe(skipped + 1);
    expect(shop.legacy.requests).toHaveLength(1);
  });
});

describe('what is served does not wait for a copy', () => {
  it('a client that leaves after its answer does not end the copy', async () => {
    const before = await during({});
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    shop.search.use(async (request, reply) => {
      await held;
      await answerAs('search', request, reply);
    });
    const answered = await shop.count('answered');
    const client = await RawClient.connect(shop.router.port);
    client.send(get('/search'));
    expect((await client.readAnswer()).status).toBe(200);
    client.reset();
    await shop.search.request(0);
    await sleep(20);
    release();
    await shop.over(before + 1);
    expect(await shop.count('answered')).toBe(answered + 1);
  });

  it('a copy under way when the router ends holds nothing up', async () => {
    const own = await ShadowShop.open();
    own.search.use(() => new Promise(() => {}));
    await ask(own.router.port, get('/search'));
    await own.search.request(0);
    const since = performance.now();
    expect(await own.router.stop()).toBe(0);
    expect(performance.now() - since).toBeLessThan(2_000);
    await own.close();
  });

  it('a copy that takes too long is one that missed its time limit, not one whose client left', async () => {
    const before = await during({ shadow: ['timeout: 100ms'] });
    shop.search.use(() => new Promise(() => {}));
    await ask(shop.router.port, get('/search'));
    await shop.over(before + 1);
    const result = (name: string): Promise<number> =>
      shop.router.metric('banyan_backend_attempts_total', { purpose: 'shadow', result: name });
    expect(await result('deadline')).toBe(1);
    expect(await result('client_closed')).toBe(0);
  });

  it('a feature that is not there costs no answer, opens no breaker, and takes no place', async () => {
    const before = await during({ more: ['max_in_flight: 1', 'breaker: { failures: 1, cooldown: 1h }'] });
    const failed = await shop.count('failed');
    shop.search.use((_, reply) => reply.reset());
    for (let i = 0; i < 5; i++) await ask(shop.router.port, get('/search'));
    await shop.over(before + 5);
    expect(await shop.count('failed')).toBe(failed + 5);
    const labels = { backend: 'search', state: 'available' };
    expect(await shop.router.metric('banyan_backend_endpoints', labels)).toBe(1);
  });
});

it('several workers count together', async () => {
  const own = await ShadowShop.open({}, { flags: ['--workers', '2'] });
  await Promise.all(Array.from({ length: 20 }, () => ask(own.router.port, get('/search'))));
  await until(
    () => own.count('answered'),
    (count) => count === 20,
  );
  expect(own.search.requests).toHaveLength(20);
  expect(await own.router.metric('banyan_shadow_duration_ratio_count', { feature: 'search' })).toBe(20);
  await own.close();
});

it('over HTTP/2 on both ends: a client’s request is copied to a backend that speaks it', async () => {
  const copies: IncomingHttpHeaders[] = [];
  const bodies: string[] = [];
  const feature = createServer((request, response) => {
    copies.push(request.headers);
    request.setEncoding('utf8');
    request.on('data', (text: string) => void bodies.push(text));
    request.on('end', () => response.end('search'));
  });
  await new Promise<void>((resolve) => feature.listen(0, '127.0.0.1', resolve));
  const authority = new Authority();
  const { certFile, keyFile } = authority.issue('shop', ['DNS:shop.test']);
  const own = await ShadowShop.open(
    {
      url: `http://127.0.0.1:${(feature.address() as AddressInfo).port}`,
      more: ['http2: true'],
      shadow: ['writes: [POST]'],
    },
    {
      flags: ['--tls-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile, '--front', 'wire'],
    },
  );
  const client = connect(own.router.tlsUrl, { ca: authority.own.cert, servername: 'shop.test' });
  const stream = client.request({ ':method': 'POST', ':path': '/search?q=1', cookie: ['a=1', 'b=2'] });
  stream.end('hello');
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  expect(head['x-answered-by']).toBe('legacy');
  stream.resume();
  await once(stream, 'end');
  await own.over(1);
  expect(copies).toMatchObject([
    { ':method': 'POST', ':path': '/search?q=1', 'x-banyan-shadow': '1', 'x-forwarded-proto': 'https' },
  ]);
  expect([copies[0]?.cookie, bodies.join('')]).toEqual(['a=1; b=2', 'hello']);
  expect(await own.count('answered')).toBe(1);
  client.destroy();
  await own.close();
  feature.close();
  authority.remove();
});
