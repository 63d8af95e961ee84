import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { chunked } from '../support/raw-message.ts';
import { TwoBackends } from '../support/two-backends.ts';

/**
 * What fastify's proxy plugins, undici and node:http do to a request by default. docs/fronts.md lists each trap with
 * the name of its test.
 */
describe('engine traps: requests', () => {
  let shop: TwoBackends;
  beforeAll(async () => {
    shop = await TwoBackends.start(
      `  - match: { prefix: "/users/:id/orders" }
    to: orders
    name: users
`,
      { flags: ['--header-timeout', '400ms'] },
    );
  });
  afterEach(() => shop.reset());
  afterAll(() => shop.stop());

  it('Expect: 100-continue and Keep-Alive are no errors', async () => {
    shop.legacy.use(async (request, reply) => {
      expect(request.header('expect')).toBe('100-continue');
      reply.write('HTTP/1.1 100 Continue\r\n\r\n');
      reply.send(200, [], await request.body());
    });
    const client = await RawClient.connect(shop.router.port);
    client.send('POST / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    expect((await client.readHead()).status).toBe(100);
    client.send('hello');
    expect(await client.readAnswer('POST')).toMatchObject({ status: 200, text: 'hello', informational: [] });
    shop.reset();
    client.send(get('/', ['Keep-Alive: timeout=5', 'Connection: keep-alive']));
    expect((await client.readAnswer()).status).toBe(200);
    expect(shop.legacy.requests[0]!.header('keep-alive')).toBeUndefined();
    client.destroy();
  });

  it('the backend gets the client’s Host, and forwarded headers that the client cannot forge', async () => {
    await ask(
      shop.router.port,
      get('/', [
        'X-Forwarded-For: 6.6.6.6',
        'X-Forwarded-Proto: https',
        'X-Real-IP: 6.6.6.6',
        'Forwarded: for=6.6.6.6',
        'Proxy-Authorization: Basic x',
        'TE: gzip',
        'Connection: x-secret, x-forwarded-for',
        'X-Secret: 1',
      ]),
    );
    const [request] = shop.legacy.requests;
    expect(request!.header('host')).toBe('shop');
    expect(request!.headerValues('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(request!.headerValues('x-real-ip')).toEqual(['127.0.0.1']);
    expect(request!.headerValues('x-forwarded-proto')).toEqual(['http']);
    expect(request!.headerValues('x-forwarded-host')).toEqual(['shop']);
    expect(request!.header('via')).toBe('1.1 banyan');
    for (const name of ['forwarded', 'proxy-authorization', 'te', 'x-secret'])
      expect(request!.header(name)).toBeUndefined();
  });

  it('field names keep their case, fields their order and duplicates', async () => {
    await ask(
      shop.router.port,
      get('/', ['x-B: 1', 'X-a: 2', 'X-B: 3', 'cookie: a=1', 'Cookie: b=2', 'X-Latin: \xe9']),
    );
    const { headers } = shop.legacy.requests[0]!;
    const sent = ['x-B', '1', 'X-a', '2', 'X-B', '3', 'cookie', 'a=1', 'Cookie', 'b=2', 'X-Latin', '\xe9'];
    expect(headers.slice(headers.indexOf('x-B'), headers.indexOf('x-B') + sent.length)).toEqual(sent);
  });

  it('trailers, 1xx, the body of a GET and unusual methods pass', async () => {
    shop.legacy.use(async (request, reply) => {
      const body = await request.body();
      reply.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      reply.write(
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked([`${body}`], ['X-Sum', '1'])}`,
      );
    });
    for (const method of ['GET', 'PROPFIND', 'PURGE', 'QUERY', 'DELETE']) {
      const bytes = `${method} / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\nTrailer: X-In\r\n\r\n${chunked(['hi'], ['X-In', '2'])}`;
      const answer = await ask(shop.router.port, bytes);
      expect(answer).toMatchObject({ status: 200, text: 'hi', trailers: ['X-Sum', '1'] });
      expect(answer.informational).toMatchObject([{ status: 103, headers: ['Link', '</a>'] }]);
      const request = shop.legacy.requests.at(-1)!;
      expect([request.method, request.trailers]).toEqual([method, ['X-In', '2']]);
    }
  });

  it.each([
    '//a//b',
    '/files/..hidden',
    '/x/.../y',
    '/caf%E9',
    '//x',
    '/a;b=1?c=%zz&d',
    '/|^"<>{}',
    '/a?',
    '/a%20b',
    '/$&$1',
  ])('the target %s reaches the backend as it came', async (target) => {
    expect((await ask(shop.router.port, get(target))).status).toBe(200);
    expect(shop.legacy.requests.map((request) => request.target)).toEqual([target]);
  });

  it('an odd Content-Type and the absolute form pass', async () => {
    expect((await ask(shop.router.port, post('/', '{', ['Content-Type: ;;;/odd']))).status).toBe(200);
    expect((await ask(shop.router.port, get('http://shop/a?b'))).status).toBe(200);
    expect(shop.legacy.requests.map((request) => [request.target, request.header('content-type')])).toEqual([
      ['/', ';;;/odd'],
      ['/a?b', undefined],
    ]);
  });

  it('a bad percent-triplet is answered by us, logged and counted', async () => {
    const before = await shop.router.metric('banyan_rejected_requests_total', {
      reason: 'malformed_request',
    });
    expect((await ask(shop.router.port, get('/%zz-bad'))).status).toBe(400);
    expect(await shop.router.metric('banyan_rejected_requests_total', { reason: 'malformed_request' })).toBe(
      before + 1,
    );
    expect(await shop.router.log((line) => line['path'] === '/%zz-bad')).toMatchObject({
      status: 400,
      failure: 'malformed_request',
    });
    expect(shop.legacy.requests).toEqual([]);
  });

  it('what is routed is what is sent: /./feature/y is the feature’s, /a\\b stays itself', async () => {
    expect((await ask(shop.router.port, get('/./feature/y'))).status).toBe(200);
    expect(shop.legacy.requests).toEqual([]);
    expect(shop.feature.requests.length).toBe(1);
    expect((await ask(shop.router.port, get('/a\\b'))).status).toBe(200);
    expect(shop.legacy.requests.map((request) => request.target)).toEqual(['/a\\b']);
  });

  it('a parameter is one segment: %2F does not separate, $& is only text', async () => {
    // A backend that decodes it would find another route's path there: refused, sent to nobody.
    expect((await ask(shop.router.port, get('/users/a%2Fb/orders'))).status).toBe(400);
    expect(shop.feature.requests).toEqual([]);
    await ask(shop.router.port, get('/users/$&/orders'));
    await ask(shop.router.port, get('/users/a/b/orders'));
    expect(shop.feature.requests.map((request) => request.target)).toEqual(['/users/$&/orders']);
    expect(shop.legacy.requests.map((request) => request.target)).toEqual(['/users/a/b/orders']);
  });

  it('a JSON body is sent as it came', async () => {
    const body = '{ "a" : [1, 2],\n "b":"\xe9" }';
    await ask(shop.router.port, post('/', body, ['Content-Type: application/json']));
    const [request] = shop.legacy.requests;
    expect((await request!.body()).toString('latin1')).toBe(body);
    expect(request!.header('content-length')).toBe(String(body.length));
  });

  it('a pipelined GET is sent only when the POST ahead of it is answered', async () => {
    let release = (): void => {};
    shop.legacy.use(async (request, reply) => {
      await request.body();
      if (request.method === 'POST') {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      reply.send(200, [], request.method);
    });
    const client = await RawClient.connect(shop.router.port);
    client.send(`${post('/', 'x')}${get('/')}`);
    await shop.legacy.request(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(shop.legacy.requests.map((request) => request.method)).toEqual(['POST']);
    release();
    expect((await client.readAnswer('POST')).text).toBe('POST');
    expect((await client.readAnswer()).text).toBe('GET');
    client.destroy();
  });

  it.each([
    ['two Hosts', get('/', ['Host: shop']), 400, 'malformed_request'],
    ['HTTP/0.9', 'GET / HTTP/0.9\r\nHost: shop\r\n\r\n', 505, 'bad_version'],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: shop\r\n\r\n', 505, 'bad_version'],
    ['GET *', get('*'), 400, 'malformed_request'],
    [
      '1 500 fields',
      get(
        '/',
        Array.from({ length: 1500 }, (_, i) => `x${i}: y`),
      ),
      431,
      'header_too_large',
    ],
    ['a large cookie', get('/', [`Cookie: ${'c'.repeat(40_000)}`]), 431, 'header_too_large'],
    ['a long URL', get(`/${'u'.repeat(17_000)}`), 414, 'url_too_long'],
    ['a slow head', 'GET / HTTP/1.1\r\nHost: shop\r\n', 408, 'request_timeout'],
    ['a malformed line', 'GET / HTTP/1.1\r\nHost shop\r\n\r\n', 400, 'malformed_request'],
    ['CONNECT', 'CONNECT shop:443 HTTP/1.1\r\nHost: shop:443\r\n\r\n', 501, 'bad_method'],
  ])('%s: refused, counted and logged, and no backend hears of it', async (_what, bytes, status, failure) => {
    const before = await shop.router.metric('banyan_rejected_requests_total', { reason: failure });
    const answer = await ask(shop.router.port, bytes);
    expect(answer.status).toBe(status);
    const { request_id } = JSON.parse(answer.text) as { request_id: string };
    expect(await shop.router.log((line) => line['request_id'] === request_id)).toMatchObject({
      status,
      failure,
    });
    expect(await shop.router.metric('banyan_rejected_requests_total', { reason: failure })).toBe(before + 1);
    expect([...shop.legacy.requests, ...shop.feature.requests]).toEqual([]);
  });

  it.each([
    ['CL and TE', ['Content-Length: 3', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['CL twice', ['Content-Length: 3', 'Content-Length: 4'], 'abcd'],
    ['TE: gzip, chunked', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
  ])('mixed framing is refused: %s', async (_what, lines, body) => {
    expect(
      (await ask(shop.router.port, `POST / HTTP/1.1\r\nHost: shop\r\n${lines.join('\r\n')}\r\n\r\n${body}`))
        .status,
    ).toBe(400);
    expect(shop.legacy.requests).toEqual([]);
  });

  it('framing to the backend is made anew', async () => {
    const chunks = '5;ext=1\r\nhello\r\n0000\r\nX-T: 1\r\n\r\n';
    await ask(
      shop.router.port,
      `POST / HTTP/1.1\r\nHost: shop\r\nTRANSFER-encoding: Chunked\r\n\r\n${chunks}`,
    );
    await ask(shop.router.port, 'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 00005\r\n\r\nhello');
    const [first, second] = shop.legacy.requests;
    expect(first!.headerValues('transfer-encoding')).toEqual(['chunked']);
    expect((await first!.body()).toString()).toBe('hello');
    expect(second!.headerValues('content-length').map(Number)).toEqual([5]);
    expect(shop.legacy.faults).toEqual([]);
  });

  it('the client leaving cancels the backend’s work before there is any answer', async () => {
    shop.legacy.use(() => new Promise(() => {}));
    const client = await RawClient.connect(shop.router.port);
    client.send(get('/'));
    const request = await shop.legacy.request(0);
    const from = performance.now();
    client.destroy();
    await request.gone;
    expect(performance.now() - from).toBeLessThan(500);
  });
});
