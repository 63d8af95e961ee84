import { describe, expect, it } from 'vitest';
import { get } from '../../support/raw-client.ts';
import type { FrontLimitsOfItsOwn } from './describe-front.ts';
import type { CreateFront } from './front-bench.ts';
import { withFront } from './with-front.ts';

/** Beyond the nine standard ones: WebDAV, caches, RFC 10008, and tokens nobody has heard of. */
const METHODS = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
  'PROPFIND',
  'PURGE',
  'MKCOL',
  'M-SEARCH',
  'REPORT',
  'BREW',
  'x!y',
];

const TARGETS = [
  '/',
  '//a//b',
  '/x/.../y',
  '/files/..hidden',
  '/a/../b',
  '/./a',
  '/caf%E9',
  '/%zz',
  '/a%2Fb',
  '/a;b=1/c',
  '/a\\b',
  '/a|b^"<>{}',
  '/?',
  '/a?b=c&b=%zz?',
  '/$&$1:x*',
];

/** How a request reaches the handler. */
export function describeRequests(name: string, createFront: CreateFront, own: FrontLimitsOfItsOwn): void {
  describe(`${name}: requests`, () => {
    const bench = withFront(createFront);

    it('hands the head on as it came', async () => {
      const client = await bench().client();
      client.send(
        'GET /a?b=%41 HTTP/1.1\r\nHost: Shop.Example:8080\r\nX-One: 1\r\nx-ONE: 2\r\nAccept:  a \r\nX-Latin: \xe9\r\n\r\n',
      );
      expect(await client.readAnswer()).toMatchObject({ status: 200, text: 'ok' });
      const { head, traits, peer, upgrade, expectsContinue, body } = bench().exchanges[0]!;
      expect(head).toMatchObject({
        method: 'GET',
        target: '/a?b=%41',
        minorVersion: 1,
        headers: ['Host', 'Shop.Example:8080', 'X-One', '1', 'x-ONE', '2', 'Accept', 'a', 'X-Latin', '\xe9'],
      });
      expect(traits).toMatchObject({ method: 'GET', host: 'shop.example', path: '/a', query: 'b=%41' });
      expect(peer).toEqual({ address: '127.0.0.1', port: client.socket.localPort, secure: bench().isTls });
      expect({ upgrade, expectsContinue, length: body.length }).toEqual({
        upgrade: null,
        expectsContinue: false,
        length: 0,
      });
    });

    it.each(METHODS.filter((method) => own.methods?.includes(method) ?? true))(
      'takes the method %s',
      async (method) => {
        const client = await bench().client();
        client.send(
          `${method} / HTTP/1.1\r\nHost: a\r\nContent-Type: ;;; odd\r\nContent-Length: 2\r\n\r\nhi`,
        );
        expect((await client.readAnswer(method)).status).toBe(200);
        expect(bench().exchanges[0]!.head.method).toBe(method);
        expect(bench().exchanges[0]!.body.length).toBe(2);
      },
    );

    it.each(TARGETS)('leaves the target %s alone', async (target) => {
      const client = await bench().client();
      client.send(get(target));
      expect((await client.readAnswer()).status).toBe(200);
      expect(bench().exchanges[0]!.head.target).toBe(target);
    });

    it.each(own.takesRawTargets ? ['/caf\xc3\xa9', '/\xff\x80?\xfe'] : [])(
      'leaves the bytes of the target %j alone',
      async (target) => {
        const client = await bench().client();
        client.send(get(target));
        expect((await client.readAnswer()).status).toBe(200);
        expect(bench().exchanges[0]!.head.target).toBe(target);
      },
    );

    it.each(own.takesLaterMinorVersions ? ['HTTP/1.2', 'HTTP/1.9'] : [])(
      'reads %s as 1.1',
      async (version) => {
        const client = await bench().client();
        client.send(`GET / ${version}\r\nHost: a\r\n\r\n`);
        expect(await client.readAnswer()).toMatchObject({ status: 200, version: 'HTTP/1.1' });
        expect(bench().exchanges[0]!.head.minorVersion).toBe(1);
      },
    );

    it('says when a head began, or at least when it was whole', async () => {
      const client = await bench().client();
      const before = performance.now();
      client.send('GET / HTTP/1.1\r\n');
      await new Promise((resolve) => setTimeout(resolve, 150));
      client.send('Host: a\r\n\r\n');
      await client.readAnswer();
      const waited = bench().exchanges[0]!.startedAt - before;
      if (own.seesFirstByte) expect(waited).toBeLessThan(100);
      else expect(waited).toBeGreaterThan(100);
    });

    it('takes the absolute form, and OPTIONS *', async () => {
      const client = await bench().client();
      client.send('GET http://Shop/a?b HTTP/1.1\r\nHost: shop\r\n\r\n');
      await client.readAnswer();
      client.send('OPTIONS * HTTP/1.1\r\nHost: shop\r\n\r\n');
      await client.readAnswer();
      expect(
        bench().exchanges.map((exchange) => [
          exchange.head.target,
          exchange.traits.path,
          exchange.traits.query,
        ]),
      ).toEqual([
        ['http://Shop/a?b', '/a', 'b'],
        ['*', '*', null],
      ]);
    });

    it('takes as many fields as are allowed, and large ones', async () => {
      const client = await bench().client();
      const lines = Array.from({ length: 199 }, (_, i) => `X-${i}: ${'v'.repeat(100)}`);
      client.send(get('/', lines));
      expect((await client.readAnswer()).status).toBe(200);
      expect(bench().exchanges[0]!.head.headers.length).toBe(400);
      client.send(get('/', [`Cookie: ${'c'.repeat(30_000)}`]));
      expect((await client.readAnswer()).status).toBe(200);
      expect(bench().exchanges[1]!.head.headers.at(-1)!.length).toBe(30_000);
    });

    it('reads a head that comes byte by byte', async () => {
      const client = await bench().client();
      for (const byte of get('/slow', ['X-A: b'])) {
        client.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await client.readAnswer()).status).toBe(200);
      expect(bench().exchanges[0]!.head.target).toBe('/slow');
    });

    it('passes other expectations on', async () => {
      const client = await bench().client();
      client.send(get('/', ['Expect: the-unexpected']));
      expect((await client.readAnswer()).status).toBe(200);
      expect(bench().exchanges[0]!).toMatchObject({ expectsContinue: false });
    });
  });
}
