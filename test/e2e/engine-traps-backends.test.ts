import { readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { routesFor, TwoBackends } from '../support/two-backends.ts';

/** What the plugins and undici do with backends and their answers by default. docs/fronts.md lists each trap. */
describe('engine traps: backends', () => {
  let shop: TwoBackends;
  beforeAll(async () => {
    shop = await TwoBackends.start(`    repeatable: [GET, HEAD, OPTIONS, PUT]
`);
  });
  afterEach(() => shop.reset());
  afterAll(() => shop.stop());

  it('a 503 is asked for once, and passes with its Retry-After', async () => {
    shop.legacy.use((_request, reply) => reply.send(503, ['Retry-After: 2'], 'busy'));
    const answer = await ask(shop.router.port, get('/'));
    expect(answer).toMatchObject({ status: 503, text: 'busy' });
    expect(answer.header('retry-after')).toBe('2');
    expect(shop.legacy.requests.length).toBe(1);
  });

  it('a certificate that nobody vouches for is not accepted', async () => {
    const folder = path.resolve(import.meta.dirname, '../support/tls');
    const server = tls.createServer({
      cert: readFileSync(path.join(folder, 'self-signed.crt')),
      key: readFileSync(path.join(folder, 'self-signed.key')),
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await shop.router.edit(routesFor(shop.legacy.url, `https://127.0.0.1:${port}`));
    const answer = await ask(shop.router.port, get('/feature'));
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'tls' });
    server.close();
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1', 502, 'connect_refused'],
    ['a name that does not exist', 'http://nobody.invalid:80', 502, 'dns'],
  ])('%s: the right status, and no address in the answer', async (_what, url, status, failure) => {
    await shop.router.edit(routesFor(shop.legacy.url, url));
    const answer = await ask(shop.router.port, get('/feature'));
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ failure });
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|nobody|ENOTFOUND/);
  });

  it('a backend that resets, or answers nonsense, is a 502', async () => {
    shop.legacy.use((_request, reply) => reply.reset());
    const reset = await ask(shop.router.port, get('/'));
    expect([reset.status, JSON.parse(reset.text).failure]).toEqual([502, 'reset']);
    shop.legacy.use((_request, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy');
    });
    const nonsense = await ask(shop.router.port, get('/'));
    expect([nonsense.status, JSON.parse(nonsense.text).failure]).toEqual([502, 'bad_response']);
  });

  it('a reset right behind the bytes of an answer is not taken for its end', async () => {
    shop.legacy.use((_request, reply) => {
      reply.write('HTTP/1.1 200 OK\r\n\r\nhalf');
      reply.reset();
    });
    const answers = Array.from({ length: 40 }, () => ask(shop.router.port, get('/')));
    // What was read of it may have been lost with the connection: then it is a 502.
    const whole = (await Promise.all(answers)).filter(({ status, complete }) => status === 200 && complete);
    expect(whole).toEqual([]);
  });

  it('a backend that does not answer in time is a 504', async () => {
    const slow = routesFor(shop.legacy.url, shop.feature.url, '    timeouts: { response: 200ms }\n');
    await shop.router.edit(slow);
    shop.feature.use(() => new Promise(() => {}));
    const answer = await ask(shop.router.port, get('/feature'));
    expect([answer.status, JSON.parse(answer.text).failure]).toEqual([504, 'response_timeout']);
  });

  it('hop-by-hop fields of an answer, and what Connection names, stay behind; all else keeps case, order and duplicates', async () => {
    shop.legacy.use((_request, reply) =>
      reply.write(
        'HTTP/1.1 200 Fine\r\nx-B: 1\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nProxy-Authenticate: Basic\r\n' +
          'set-cookie: a=1\r\nX-b: \xe9\r\nSet-Cookie: b=2\r\nDate: never\r\ncontent-length: 0\r\n\r\n',
      ),
    );
    expect(await ask(shop.router.port, get('/'))).toMatchObject({
      reason: 'Fine',
      headers: [
        'x-B',
        '1',
        'set-cookie',
        'a=1',
        'X-b',
        '\xe9',
        'Set-Cookie',
        'b=2',
        'Date',
        'never',
        'content-length',
        '0',
      ],
    });
  });

  it('an absolute Location at the backend’s own address becomes the public one', async () => {
    shop.legacy.use((_request, reply) => reply.send(302, [`Location: ${shop.legacy.url}/login?next=%2F`]));
    expect((await ask(shop.router.port, get('/'))).header('location')).toBe('http://shop/login?next=%2F');
  });

  it('a connection that was closed while idle costs no GET', async () => {
    const client = await RawClient.connect(shop.router.port);
    for (let i = 0; i < 20; i++) {
      client.send(get('/'));
      expect((await client.readAnswer()).status).toBe(200);
      shop.legacy.resetAll();
    }
    client.destroy();
  });

  it('a body is sent again whole when its connection died unanswered', async () => {
    await shop.router.edit(routesFor(shop.legacy.url, shop.feature.url, '    repeatable: [PUT]\n'));
    const client = await RawClient.connect(shop.router.port);
    const put = 'PUT /feature HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello';
    client.send(put);
    expect((await client.readAnswer('PUT')).status).toBe(200);
    shop.feature.use(async (request, reply) => {
      const body = await request.body();
      if (request.sequence > 0) reply.reset();
      else reply.send(200, [], body);
    });
    client.send(put);
    expect(await client.readAnswer('PUT')).toMatchObject({ status: 200, text: 'hello' });
    expect(shop.feature.requests.length).toBe(3);
    client.destroy();
  });

  it('nothing goes to an address that is gone, and its idle connections are closed', async () => {
    await shop.router.edit(routesFor(shop.legacy.url, shop.feature.url));
    await ask(shop.router.port, get('/feature'));
    expect(shop.feature.open).toBeGreaterThan(0);
    await shop.router.edit(routesFor(shop.legacy.url, shop.legacy.url));
    await ask(shop.router.port, get('/feature'));
    expect(shop.legacy.requests.at(-1)!.target).toBe('/feature');
    // Requests that read the table before may still use them for some seconds.
    await expect.poll(() => shop.feature.open, { timeout: 15_000 }).toBe(0);
  });

  it('a silent event stream is not cut, a silent download is', async () => {
    const idle = `${routesFor(shop.legacy.url, shop.feature.url)}    timeouts: { idle: 200ms }\n`;
    await shop.router.edit(idle);
    shop.feature.use(async (request, reply) => {
      const type = request.target.endsWith('stream') ? 'text/event-stream' : 'text/plain';
      reply.write(
        `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n`,
      );
      await new Promise((resolve) => setTimeout(resolve, 800));
      if (!reply.socket.destroyed) reply.write('3\r\ntwo\r\n0\r\n\r\n');
    });
    const [stream, download] = await Promise.all([
      ask(shop.router.port, get('/feature/stream')),
      ask(shop.router.port, get('/feature/file')),
    ]);
    expect(stream).toMatchObject({ complete: true, text: 'onetwo' });
    expect(download).toMatchObject({ complete: false, text: 'one' });
  });

  it('routes are added while it serves', async () => {
    await shop.router.edit(
      routesFor(shop.legacy.url, shop.feature.url, '  - match: { prefix: /added }\n    to: orders\n'),
    );
    await ask(shop.router.port, get('/added'));
    expect(shop.feature.requests.map((request) => request.target)).toEqual(['/added']);
  });
});
