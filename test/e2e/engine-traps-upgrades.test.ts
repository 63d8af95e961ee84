import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { routesFor, TwoBackends } from '../support/two-backends.ts';

const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: one, two',
  'Origin: http://shop',
  'Authorization: Bearer x',
];
const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: two\r\n\r\n';

/** What the plugins do with upgrades by default. docs/fronts.md lists each trap. */
describe('engine traps: upgrades', () => {
  let shop: TwoBackends;
  beforeAll(async () => {
    shop = await TwoBackends.start();
  });
  afterEach(() => shop.reset());
  afterAll(() => shop.stop());

  it('the client gets 101 only after the backend’s; fields and frames pass raw; a reload closes nothing', async () => {
    let agree = (): void => {};
    shop.legacy.use(async (_request, reply) => {
      reply.takeOver();
      await new Promise<void>((resolve) => {
        agree = resolve;
      });
      reply.write(`${SWITCHING}first`);
      for (;;) reply.write(await reply.reader.some());
    });
    const client = await RawClient.connect(shop.router.port);
    client.send(get('/ws', WEBSOCKET));
    const request = await shop.legacy.request(0);
    expect(request.header('sec-websocket-protocol')).toBe('one, two');
    expect(request.header('origin')).toBe('http://shop');
    expect(request.header('authorization')).toBe('Bearer x');
    expect(request.header('x-forwarded-for')).toBe('127.0.0.1');
    expect(request.header('upgrade')).toBe('websocket');
    const head = client.readHead();
    const early = await Promise.race([
      head,
      new Promise((resolve) => setTimeout(resolve, 150, 'nothing yet')),
    ]);
    expect(early).toBe('nothing yet');
    agree();
    expect(await head).toMatchObject({
      status: 101,
      headers: expect.arrayContaining(['Sec-WebSocket-Protocol', 'two']) as unknown,
    });
    expect((await client.reader.exactly(5)).toString()).toBe('first');
    // Not a frame of RFC 6455 at all: nobody looks.
    const bytes = Buffer.from([0x7f, 0, 255, 13, 10, 1]);
    client.send(bytes);
    expect(await client.reader.exactly(bytes.length)).toEqual(bytes);
    await shop.router.edit(
      routesFor(shop.legacy.url, shop.feature.url, '  - match: { prefix: /more }\n    to: orders\n'),
    );
    client.send('still');
    expect((await client.reader.exactly(5)).toString()).toBe('still');
    client.end();
    await request.gone;
    client.destroy();
  });

  it('a refused handshake passes whole', async () => {
    shop.legacy.use((_request, reply) =>
      reply.send(401, ['WWW-Authenticate: Bearer', 'X-Why: no'], 'not you'),
    );
    const answer = await ask(shop.router.port, get('/ws', WEBSOCKET));
    expect(answer).toMatchObject({ status: 401, text: 'not you', complete: true });
    expect(answer.header('www-authenticate')).toBe('Bearer');
    expect(answer.header('x-why')).toBe('no');
  });

  it.each([
    ['Upgrade: foo', ['Connection: upgrade', 'Upgrade: foo']],
    ['Upgrade alone', ['Upgrade: websocket']],
    [
      'h2c',
      ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'],
    ],
    ['Connection: upgrade alone', ['Connection: upgrade']],
  ])('%s: a backend that does not take it answers as ever', async (_what, lines) => {
    const answer = await ask(shop.router.port, get('/', lines));
    expect(answer).toMatchObject({ status: 200, text: 'ok' });
    const [request] = shop.legacy.requests;
    expect(request!.header('http2-settings')).toBeUndefined();
    if (!lines.includes('Upgrade: foo')) expect(request!.header('upgrade')).toBeUndefined();
  });

  it('an h2c offer with a body keeps its body', async () => {
    shop.legacy.use(async (request, reply) => reply.send(200, [], await request.body()));
    const lines = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
      'Content-Length: 5',
    ];
    const bytes = `POST / HTTP/1.1\r\nHost: shop\r\n${lines.join('\r\n')}\r\n\r\nhello`;
    expect(await ask(shop.router.port, bytes)).toMatchObject({ status: 200, text: 'hello' });
  });
});
