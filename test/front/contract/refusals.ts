import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/model/failure.ts';
import { get } from '../../support/raw-client.ts';
import type { CreateFront } from './front-bench.ts';
import { withFront } from './with-front.ts';

const VIA = 'Via: 1.1 banyan, 1.1 banyan';

/** What is sent, the status, and the failure that is counted. */
const REFUSED: readonly [string, string, number, Failure][] = [
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
  ['two Hosts', get('/', ['Host: shop']), 400, 'malformed_request'],
  ['an invalid Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400, 'malformed_request'],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400, 'malformed_request'],
  ['userinfo in Host', 'GET / HTTP/1.1\r\nHost: me@shop\r\n\r\n', 400, 'malformed_request'],
  ['another host in the target', get('http://other/'), 400, 'malformed_request'],
  ['userinfo in the target', get('http://me@shop/'), 400, 'malformed_request'],
  ['another scheme', get('ftp://shop/'), 400, 'malformed_request'],
  ['GET *', get('*'), 400, 'malformed_request'],
  ['a target without slash', get('shop:80'), 400, 'malformed_request'],
  ['a fragment', get('/a#b'), 400, 'malformed_request'],
  ['a control character in the target', get('/a\x01b'), 400, 'malformed_request'],
  ['a tab in the target', get('/a\tb'), 400, 'malformed_request'],
  ['CONNECT', 'CONNECT shop:443 HTTP/1.1\r\nHost: shop:443\r\n\r\n', 501, 'bad_method'],
  [
    'two Content-Lengths',
    get('/', ['Content-Length: 1', 'Content-Length: 1']) + 'x',
    400,
    'malformed_request',
  ],
  ['a list of lengths', get('/', ['Content-Length: 1, 1']) + 'x', 400, 'malformed_request'],
  ['a signed length', get('/', ['Content-Length: +1']) + 'x', 400, 'malformed_request'],
  [
    'a length and chunks',
    get('/', ['Content-Length: 3', 'Transfer-Encoding: chunked']) + '0\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'chunks and a length',
    get('/', ['Transfer-Encoding: chunked', 'Content-Length: 3']) + '0\r\n\r\n',
    400,
    'malformed_request',
  ],
  ['two codings', get('/', ['Transfer-Encoding: gzip, chunked']) + '0\r\n\r\n', 400, 'malformed_request'],
  [
    'chunked twice',
    get('/', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']) + '0\r\n\r\n',
    400,
    'malformed_request',
  ],
  ['an unknown coding', get('/', ['Transfer-Encoding: x']) + '0\r\n\r\n', 400, 'malformed_request'],
  [
    'chunks in HTTP/1.0',
    'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'malformed_request',
  ],
  ['a space before the colon', get('/', ['X : y']), 400, 'malformed_request'],
  ['a folded field', get('/', ['X: y\r\n z']), 400, 'malformed_request'],
  ['a field without colon', get('/', ['nonsense']), 400, 'malformed_request'],
  ['a bare CR in a field', get('/', ['X: a\rb']), 400, 'malformed_request'],
  ['a NUL in a field', get('/', ['X: a\0b']), 400, 'malformed_request'],
  ['no request at all', '\x16\x03\x01\x02\x00\x01\x00\x01', 400, 'malformed_request'],
  ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505, 'bad_version'],
  ['HTTP/0.9', 'GET / HTTP/0.9\r\nHost: a\r\n\r\n', 505, 'bad_version'],
  ['HTTP/3.1', 'GET / HTTP/3.1\r\nHost: a\r\n\r\n', 505, 'bad_version'],
  ['a malformed version', 'GET / HTTP/x\r\nHost: a\r\n\r\n', 400, 'malformed_request'],
  ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, 'bad_version'],
  ['a loop', get('/', [VIA, 'Via: 1.0 x, 1.1 banyan (again)']), 508, 'loop'],
];

/** What never becomes an exchange: answered, counted, and the connection closed. */
export function describeRefusals(name: string, createFront: CreateFront): void {
  describe(`${name}: refusals`, () => {
    const bench = withFront(createFront);

    it.each(REFUSED)('refuses %s', async (_what, bytes, status, failure) => {
      const client = await bench().client();
      client.send(bytes);
      const answer = await client.readAnswer();
      expect(answer).toMatchObject({ status, complete: true });
      expect(answer.header('connection')).toBe('close');
      expect(JSON.parse(answer.text)).toMatchObject({ status, failure });
      expect(await client.closed()).toBe('end');
      expect(bench().exchanges).toEqual([]);
      expect(bench().rejections.map((rejection) => rejection.failure)).toEqual([failure]);
      expect(bench().errors).toEqual([]);
    });

    it('takes a request that went through here twice', async () => {
      const client = await bench().client();
      client.send(get('/', [VIA]));
      expect((await client.readAnswer()).status).toBe(200);
    });

    it('reports what is known of a refused request', async () => {
      const client = await bench().client();
      client.send(get('/a#b', ['User-Agent: curl', 'Accept: text/plain']));
      const answer = await client.readAnswer();
      expect(answer.header('content-type')).toBe('text/plain; charset=utf-8');
      expect(await bench().rejection(0)).toMatchObject({
        failure: 'malformed_request',
        peer: { address: '127.0.0.1', port: client.socket.localPort, secure: bench().isTls },
        method: 'GET',
        target: '/a#b',
        requestId: 'id-0',
        userAgent: 'curl',
      });
      expect(answer.text).toContain('id-0');
    });

    it('does not take the first request of a packet for a later one that is refused', async () => {
      const client = await bench().client();
      client.send('HEAD /first HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n');
      await client.readAnswer('HEAD');
      const answer = await client.readAnswer('POST');
      expect(answer).toMatchObject({ status: 400, complete: true });
      expect(answer.text).not.toBe('');
      expect((await bench().rejection(0)).target).not.toBe('/first');
    });

    it('takes nothing more from a connection after a refusal', async () => {
      const client = await bench().client();
      client.send(`${get('/a#b')}${get('/smuggled')}`);
      expect((await client.readAnswer()).status).toBe(400);
      expect((await client.reader.rest()).length).toBe(0);
      expect(bench().exchanges).toEqual([]);
    });

    it('lets the client see the refusal of a large upload', async () => {
      const client = await bench().client();
      client.send('POST / HTTP/1.1\r\nHost: a b\r\nContent-Length: 4194304\r\n\r\n');
      await client.sendSlowly(Array.from({ length: 64 }, () => Buffer.alloc(64 * 1024)));
      expect(await client.readAnswer('POST')).toMatchObject({ status: 400, complete: true });
      expect(await client.closed()).toBe('end');
    });

    it('answers what came before first', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(`${get('/1')}nonsense\r\n\r\n`);
      const exchange = await bench().exchange(0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(bench().rejections).toEqual([]);
      exchange.answer.head({ status: 200, reason: 'OK', headers: [], bodyLength: 0 });
      exchange.answer.end([]);
      expect((await client.readAnswer()).status).toBe(200);
      expect((await client.readAnswer()).status).toBe(400);
      expect(await client.closed()).toBe('end');
    });
  });
}
