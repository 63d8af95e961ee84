import net from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority, type Certificate } from '../support/certificates.ts';
import { startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';

/** TLS for clients, at the socket (docs/tls.md). */

let authority: Authority;
let legacy: RawBackend;
let router: RunningRouter;

beforeAll(async () => {
  authority = new Authority();
  legacy = await startNamed('legacy');
  const certificates = [
    authority.issue('first', ['DNS:first.test']),
    authority.issue('shop', ['DNS:shop.test', 'DNS:*.shop.test']),
    authority.issue('exact', ['DNS:exact.shop.test']),
    authority.issueRsa('first-rsa', ['DNS:first.test']),
  ];
  router = await startRouter(`legacy: ${legacy.url}\ntrust_proxies: [127.0.0.2]\n`, {
    flags: [...tlsFlags(certificates), '--header-timeout', '500ms', '--tls-redirect', '8443'],
  });
});

afterAll(async () => {
  await router.stop();
  await legacy.stop();
  authority.remove();
});

function tlsFlags(certificates: readonly Certificate[]): string[] {
  const pairs = certificates.flatMap(({ certFile, keyFile }) => [
    '--tls-cert',
    certFile,
    '--tls-key',
    keyFile,
  ]);
  return ['--front', 'wire', '--tls-listen', '127.0.0.1:0', ...pairs];
}

/** A handshake alone: the secured socket. @throws what the client says */
function handshake(options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(router.tlsUrl);
    const socket = tls.connect({ port: Number(port), ca: authority.own.cert, ...options });
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}

/** As clients do that are done: what cuts a handshake short would count as its failure. */
async function leave(socket: tls.TLSSocket): Promise<void> {
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end();
  socket.resume();
  await closed;
}

async function commonName(servername: string, options: tls.ConnectionOptions = {}): Promise<string> {
  const socket = await handshake({ servername, rejectUnauthorized: false, ...options });
  const { subject } = socket.getPeerCertificate();
  await leave(socket);
  return String(subject.CN);
}

function failed(): Promise<number> {
  return router.metric('banyan_rejected_requests_total', { reason: 'tls_handshake' });
}

describe('requests through TLS', () => {
  it('reach the backend as https, whatever the client says', async () => {
    const answer = await ask(router.tlsUrl, post('/a', 'hello', ['X-Forwarded-Proto: http']));
    expect(answer).toMatchObject({ status: 200, text: 'hello' });
    const { headers } = legacy.requests.at(-1)!;
    const sent = (name: string): string | undefined => headers[headers.indexOf(name) + 1];
    expect([sent('X-Forwarded-Proto'), sent('X-Forwarded-Port'), sent('X-Forwarded-For')]).toEqual([
      'https',
      '443',
      '127.0.0.1',
    ]);
  });

  it('are counted, logged and limited like all others', async () => {
    const before = await router.metric('banyan_requests_total', { code: '200' });
    await ask(router.tlsUrl, get('/counted'));
    await until(
      () => router.metric('banyan_requests_total', { code: '200' }),
      (count) => count === before + 1,
    );
    expect((await ask(router.tlsUrl, get('/', [`X-Long: ${'x'.repeat(40_000)}`]))).status).toBe(431);
    expect((await ask(router.tlsUrl, 'GET / HTTP/1.1\r\nBad Name: 1\r\n\r\n')).status).toBe(400);
  });

  it('one after the other on one connection, and sent ahead', async () => {
    const client = await RawClient.connect(router.tlsUrl);
    client.send(post('/1', 'one') + get('/2') + post('/3', 'three'));
    const texts = [];
    for (const method of ['POST', 'GET', 'POST']) texts.push((await client.readAnswer(method)).text);
    expect(texts).toEqual(['one', '', 'three']);
    client.destroy();
  });

  it('of megabytes pass whole, both ways', async () => {
    const body = Buffer.alloc(8 * 1024 * 1024, 'abcdefg').toString('latin1');
    const client = await RawClient.connect(router.tlsUrl);
    client.send(post('/large', body));
    const answer = await client.readAnswer('POST');
    client.destroy();
    expect(answer.complete && answer.text === body).toBe(true);
  });
});

describe('handshakes', () => {
  it.each([
    ['first.test', 'first'],
    ['shop.test', 'shop'],
    ['SHOP.test', 'shop'],
    ['a.shop.test', 'shop'],
    ['exact.shop.test', 'exact'],
    ['a.b.shop.test', 'first'],
    ['nobody.test', 'first'],
  ])('for %s get the certificate of %s', async (servername, name) => {
    expect(await commonName(servername)).toBe(name);
  });

  it('without a name get the first certificate', async () => {
    const { port } = new URL(router.tlsUrl);
    const socket = tls.connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    expect(socket.getPeerCertificate().subject.CN).toBe('first');
    await leave(socket);
  });

  it('get the certificate whose kind of key the client knows', async () => {
    const rsa = { sigalgs: 'rsa_pss_rsae_sha256' };
    expect(await commonName('first.test', rsa)).toBe('first-rsa');
    expect(await commonName('first.test', { sigalgs: 'ecdsa_secp256r1_sha256' })).toBe('first');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speak %s', async (version) => {
    const socket = await handshake({ servername: 'shop.test', minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(version);
    expect(socket.authorized).toBe(true);
    await leave(socket);
  });

  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }],
    ['no forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
    ['no authenticated encryption', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }],
    ['a protocol that is not HTTP', { ALPNProtocols: ['acme-tls/1'] }],
  ] as [string, tls.ConnectionOptions][])('with %s are refused, and counted', async (_, options) => {
    const before = await failed();
    await expect(handshake({ servername: 'shop.test', ...options })).rejects.toThrow();
    await until(failed, (count) => count === before + 1);
  });

  it('agree on HTTP/1.1 with who offers it', async () => {
    const socket = await handshake({ servername: 'shop.test', ALPNProtocols: ['spdy/1', 'http/1.1'] });
    expect(socket.alpnProtocol).toBe('http/1.1');
    await leave(socket);
  });

  it('resume a session, with its certificate', async () => {
    const first = await handshake({ servername: 'shop.test' });
    const session = await new Promise<Buffer>((resolve) => first.once('session', resolve));
    await leave(first);
    const second = await handshake({ servername: 'shop.test', session });
    expect(second.isSessionReused()).toBe(true);
    await leave(second);
  });

  it('are not made anew within a connection', async () => {
    const socket = await handshake({ servername: 'shop.test', maxVersion: 'TLSv1.2' });
    const end = new Promise((resolve) => {
      socket.on('error', resolve).on('close', () => resolve(null));
      socket.renegotiate({}, (error) => resolve(error));
    });
    expect(await end).toBeInstanceOf(Error);
    socket.destroy();
    expect((await ask(router.tlsUrl, get('/'))).status).toBe(200);
  });

  it('that do not come to an end are cut in time, and counted', async () => {
    const before = await failed();
    const client = await RawClient.connect(Number(new URL(router.tlsUrl).port));
    const since = performance.now();
    client.send(Buffer.from('160301', 'hex'));
    await client.closed();
    expect(performance.now() - since).toBeLessThan(2_000);
    await until(failed, (count) => count === before + 1);
  });

  it('that never begin are cut in time, and are nobody’s fault', async () => {
    const before = await failed();
    const client = await RawClient.connect(Number(new URL(router.tlsUrl).port));
    await client.closed();
    expect(await failed()).toBe(before);
  });

  it('with nonsense are cut, and counted', async () => {
    const before = await failed();
    const { port } = new URL(router.tlsUrl);
    for (const bytes of [Buffer.from('1603010005ffffffffff', 'hex'), Buffer.alloc(100, 0)]) {
      const client = await RawClient.connect(Number(port));
      client.send(bytes);
      await client.closed();
    }
    await until(failed, (count) => count === before + 2);
    expect((await ask(router.tlsUrl, get('/'))).status).toBe(200);
  });
});

describe('who leaves in the middle of a handshake', () => {
  it('is let go at once', async () => {
    const before = await failed();
    const client = await RawClient.connect(Number(new URL(router.tlsUrl).port));
    const since = performance.now();
    client.send(Buffer.from('16030100aa', 'hex'));
    client.end();
    await client.closed();
    expect(performance.now() - since).toBeLessThan(400);
    await until(failed, (count) => count === before + 1);
  });
});

describe('the wrong port', () => {
  it('plain HTTP on the TLS port is told so, in HTTP', async () => {
    const before = await failed();
    const client = await RawClient.connect(Number(new URL(router.tlsUrl).port));
    client.send(get('/'));
    const answer = await client.readAnswer();
    expect(answer.status).toBe(400);
    expect(answer.header('connection')).toBe('close');
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'tls_handshake' });
    await client.closed();
    expect(await failed()).toBe(before + 1);
  });

  it('a TLS hello on the plain port is refused at once', async () => {
    const since = performance.now();
    const socket = tls.connect({ port: router.port, host: '127.0.0.1' });
    await new Promise((resolve) => socket.once('error', resolve));
    expect(performance.now() - since).toBeLessThan(400);
  });
});

describe('the plain port with --tls-redirect', () => {
  it.each([
    [get('/a?b=%41&c'), 'https://shop:8443/a?b=%41&c'],
    [post('/orders', 'x'), 'https://shop:8443/orders'],
    ['GET /a HTTP/1.1\r\nHost: shop.test:8080\r\n\r\n', 'https://shop.test:8443/a'],
    ['GET //evil.test/a HTTP/1.1\r\nHost: shop.test\r\n\r\n', 'https://shop.test:8443//evil.test/a'],
    ['GET http://shop.test/a?b HTTP/1.1\r\nHost: shop.test\r\n\r\n', 'https://shop.test:8443/a?b'],
    ['GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n', 'https://[::1]:8443/a'],
    ['OPTIONS * HTTP/1.1\r\nHost: shop.test\r\n\r\n', 'https://shop.test:8443/'],
  ])('%j goes to %s', async (request, location) => {
    const { status, header } = await ask(router.port, request);
    expect([status, header('location')]).toEqual([308, location]);
  });

  it('counts them, and asks no backend', async () => {
    const before = await router.metric('banyan_rejected_requests_total', { reason: 'plain_http' });
    const asked = legacy.requests.length;
    await ask(router.port, get('/'));
    expect(await router.metric('banyan_rejected_requests_total', { reason: 'plain_http' })).toBe(before + 1);
    expect(legacy.requests.length).toBe(asked);
  });

  it('refuses who names no host', async () => {
    expect((await ask(router.port, 'GET / HTTP/1.0\r\n\r\n')).status).toBe(400);
  });

  it('serves what a trusted proxy took through TLS, and nobody else’s claim of it', async () => {
    const request = get('/', ['X-Forwarded-Proto: https']);
    expect((await ask(router.port, request)).status).toBe(308);
    const socket = net.connect({ port: router.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    socket.write(request);
    const [head] = await new Promise<[Buffer]>((resolve) => socket.once('data', (bytes) => resolve([bytes])));
    expect(head.toString()).toContain(' 200 ');
    socket.destroy();
  });
});
