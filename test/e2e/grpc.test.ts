import net from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { NAME, QuotesClient, readAll } from '../support/grpc/quotes-client.ts';
import { type QuotesService, startQuotes } from '../support/grpc/quotes-service.ts';
import { headers } from '../support/http2-frames.ts';
import { RawHttp2Backend } from '../support/http2-raw-backend.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';

/** gRPC from a real client over TLS, through the built router, to a real service over h2c. */

let authority: Authority;
let router: RunningRouter;
let legacy: QuotesService;
let feature: QuotesService;
let client: QuotesClient;
const open: { close(): unknown }[] = [];

interface Shape {
  readonly stage?: string;
  readonly more?: readonly string[];
  readonly route?: readonly string[];
  readonly featurePort?: number;
  readonly legacyPort?: number;
}

/** A service that is being split out: legacy speaks gRPC too. */
function routes({ stage = 'live', more = [], route = [], featurePort, legacyPort }: Shape = {}): string {
  return [
    'legacy:',
    `  url: http://127.0.0.1:${legacyPort ?? legacy.port}`,
    '  http2: true',
    '  hold_while_down: 0s',
    'features:',
    '  quotes:',
    `    url: http://127.0.0.1:${featurePort ?? feature.port}`,
    '    http2: true',
    '    hold_while_down: 0s',
    `    stage: ${stage}`,
    ...more.map((line) => `    ${line}`),
    'routes:',
    '  - match:',
    '      prefix: /shop.Quotes',
    '    to: quotes',
    ...route.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

beforeAll(async () => {
  authority = new Authority();
  legacy = await startQuotes('legacy');
  feature = await startQuotes('feature');
  const { certFile, keyFile } = authority.issue('router', [`DNS:${NAME}`]);
  router = await startRouter(routes(), {
    flags: ['--front', 'wire', '--tls-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile],
  });
  client = new QuotesClient(router.tlsUrl, authority.own.cert);
});

afterAll(async () => {
  client?.close();
  await router?.stop();
  legacy?.kill();
  feature?.kill();
  authority?.remove();
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await router.edit(routes());
});

describe('a call', () => {
  it('that asks and is answered', async () => {
    const called = await client.get(
      { symbol: 'tea' },
      { metadata: { 'x-trace': 'abc', 'x-bytes-bin': Buffer.from([0, 1, 2]) } },
    );
    expect(called).toMatchObject({ code: status.OK, answer: { symbol: 'tea', cents: 3, from: 'feature' } });
    expect(called.trailers.get('x-trailer')).toEqual(['feature']);
    const metadata = feature.calls.at(-1);
    expect(metadata?.get('x-trace')).toEqual(['abc']);
    expect(metadata?.get('x-bytes-bin')).toEqual([Buffer.from([0, 1, 2])]);
    expect(metadata?.get('x-forwarded-proto')).toEqual(['https']);
  });

  it.each([status.NOT_FOUND, status.UNAVAILABLE, status.UNAUTHENTICATED])(
    'that fails with %i',
    async (code) => {
      const called = await client.get({ symbol: String(code) });
      expect(called).toMatchObject({ code, details: `as asked: ${code}` });
      expect(called.trailers.get('x-trailer')).toEqual(['feature']);
    },
  );

  it('that is answered by a stream', async () => {
    const called = await readAll(client.watch({ symbol: 'tea', count: 5_000 }));
    expect(called.code).toBe(status.OK);
    expect(called.answer?.map(({ cents }) => cents)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
    expect(called.trailers.get('x-trailer')).toEqual(['feature']);
  });

  it('that asks by a stream', async () => {
    const quotes = Array.from({ length: 5_000 }, (_, cents) => ({ symbol: 'x'.repeat(50), cents }));
    const called = await client.sum(quotes);
    expect(called).toMatchObject({
      code: status.OK,
      answer: { cents: (4_999 * 5_000) / 2, from: 'feature' },
    });
  });

  it('reaches a service as gRPC over HTTP/2 asks for it', async () => {
    const raw = await RawHttp2Backend.start(({ stream }, connection) =>
      connection.write(
        headers(stream, [':status', '200', 'content-type', 'application/grpc', 'grpc-status', '7']),
      ),
    );
    open.push({ close: () => raw.stop() });
    await router.edit(routes({ featurePort: raw.port }));
    const called = await client.get({ symbol: 'tea' }, { deadlineMs: 60_000 });
    expect(called.code).toBe(status.PERMISSION_DENIED);
    const [request] = raw.requests;
    const fields = new Map(
      Array.from({ length: (request?.fields.length ?? 0) / 2 }, (_, i) => [
        request?.fields[i * 2],
        request?.fields[i * 2 + 1],
      ]),
    );
    expect(request?.fields.slice(0, 2)).toEqual([':method', 'POST']);
    expect(fields.get(':path')).toBe('/shop.Quotes/Get');
    expect(fields.get(':scheme')).toBe('http');
    expect(fields.get(':authority')).toMatch(/^(?:127\.0\.0\.1:\d+|router\.test.*)$/);
    expect(fields.get('te')).toBe('trailers');
    expect(fields.get('content-type')).toBe('application/grpc');
    expect(fields.get('grpc-timeout')).toMatch(/^\d+[a-zA-Z]$/);
    expect(fields.has('transfer-encoding')).toBe(false);
  });

  it('of both at once: each message goes on as it comes', async () => {
    const chat = client.chat();
    const all = readAll(chat);
    const answers: string[] = [];
    for (const symbol of ['a', 'bb', 'ccc']) {
      const answered = new Promise<{ cents: number }>((resolve) => chat.once('data', resolve));
      chat.write({ symbol });
      answers.push(`${symbol} ${(await answered).cents}`);
    }
    chat.end();
    expect(answers).toEqual(['a 1', 'bb 2', 'ccc 3']);
    expect(await all).toMatchObject({ code: status.OK });
  });

  it('of each kind through reloads', async () => {
    const chat = client.chat();
    const chatted = readAll(chat);
    const watched = readAll(client.watch({ symbol: 'endless', count: 1 }, { deadlineMs: 3_000 }));
    for (let i = 0; i < 5; i++) {
      chat.write({ symbol: 'a'.repeat(i + 1) });
      await router.edit(routes({ route: [`deadline: ${i + 60}s`] }));
      expect((await client.get({ symbol: 'tea' })).code).toBe(status.OK);
      expect((await client.sum([{ symbol: 'a', cents: i }])).answer?.cents ?? 0).toBe(i);
    }
    chat.end();
    const { code, answer } = await chatted;
    expect(code).toBe(status.OK);
    expect(answer?.map(({ cents }) => cents)).toEqual([1, 2, 3, 4, 5]);
    // The client's own deadline ends it, not a reload.
    expect(await watched).toMatchObject({ code: status.DEADLINE_EXCEEDED, answer: [{ symbol: 'endless' }] });
  });

  it('that its client cancels is cancelled in the service', async () => {
    const watch = client.watch({ symbol: 'endless', count: 1 });
    watch.on('error', () => {});
    await new Promise((resolve) => watch.once('data', resolve));
    const inFlight = (): Promise<number> =>
      router.metric('banyan_requests_in_flight', { route: 'quotes', backend: 'quotes' });
    expect(await inFlight()).toBe(1);
    watch.cancel();
    await until(inFlight, (count) => count === 0);
  });
});

describe('a failure of the router is a status of gRPC', () => {
  it('14 when nobody listens', async () => {
    await router.edit(routes({ featurePort: await deadPort() }));
    const called = await client.get({ symbol: 'tea' });
    expect(called).toMatchObject({ code: status.UNAVAILABLE, answer: null });
    expect(called.details).toContain('connect_refused');
    expect(await router.metric('banyan_requests_total', { route: 'quotes', code: '502' })).toBeGreaterThan(0);
  });

  it('4 after a time limit', async () => {
    await router.edit(routes({ more: ['timeouts:', '  response: 100ms'] }));
    const called = await client.get({ symbol: 'never' });
    expect(called.code).toBe(status.DEADLINE_EXCEEDED);
    expect(called.details).toContain('response_timeout');
  });

  it('8 for a body that is too large', async () => {
    await router.edit(routes({ route: ['max_body: 1KiB'] }));
    const called = await client.get({ symbol: 'x'.repeat(5_000) });
    expect(called.code).toBe(status.RESOURCE_EXHAUSTED);
  });

  it('12 where legacy speaks HTTP and has no such page', async () => {
    const pages = await RawHttp2Backend.start(({ stream }, connection) =>
      connection.write(headers(stream, [':status', '404', 'content-type', 'text/html'])),
    );
    open.push({ close: () => pages.stop() });
    await router.edit(routes({ stage: 'legacy', legacyPort: pages.port }));
    expect((await client.get({ symbol: 'tea' })).code).toBe(status.UNIMPLEMENTED);
  });

  it('and a service that dies in the middle of a stream is seen', async () => {
    const mortal = await startQuotes('mortal');
    await router.edit(routes({ featurePort: mortal.port }));
    const watch = client.watch({ symbol: 'endless', count: 3 });
    const all = readAll(watch);
    await new Promise((resolve) => watch.once('data', resolve));
    mortal.kill();
    expect((await all).code).not.toBe(status.OK);
  });
});

describe('stages', () => {
  it('a canary by a header, and back', async () => {
    await router.edit(routes({ stage: 'canary', more: ['canary:', '  share: 50%', '  by: header:x-user'] }));
    const users = Array.from({ length: 60 }, (_, i) => `user-${i}`);
    const sides = await Promise.all(
      users.map(
        async (user) => (await client.get({ symbol: 'a' }, { metadata: { 'x-user': user } })).answer?.from,
      ),
    );
    const again = await Promise.all(
      users.map(
        async (user) => (await client.get({ symbol: 'a' }, { metadata: { 'x-user': user } })).answer?.from,
      ),
    );
    expect(new Set(sides)).toEqual(new Set(['legacy', 'feature']));
    expect(again).toEqual(sides);
    expect((await client.get({ symbol: 'a' })).answer?.from).toBe('legacy');
    await router.edit(routes({ stage: 'legacy' }));
    expect((await client.get({ symbol: 'a' }, { metadata: { 'x-user': 'user-1' } })).answer?.from).toBe(
      'legacy',
    );
  });

  it('a fallback to legacy when the service is down', async () => {
    await router.edit(routes({ featurePort: await deadPort(), more: ['fallback: true'] }));
    expect((await client.get({ symbol: 'a' })).answer?.from).toBe('legacy');
  });

  it('one of two replicas that leaves in peace: no call is lost', async () => {
    const first = await startQuotes('first');
    await router.edit(routes({ featurePort: first.port, more: ['balance: ip'] }));
    const codes: number[] = [];
    let isOver = false;
    const load = (async () => {
      while (!isOver) codes.push((await client.get({ symbol: 'a' })).code);
    })();
    await until(
      () => codes.length,
      (count) => count > 20,
    );
    const both = routes().replace(/url: (http:\S+)\n {4}http2/, `urls: [$1, "${first.url}"]\n    http2`);
    expect(both).toContain('urls:');
    await router.edit(both);
    await first.leave();
    const before = codes.length;
    await until(
      () => codes.length,
      (count) => count > before + 40,
    );
    isOver = true;
    await load;
    expect(codes.filter((code) => code !== status.OK)).toEqual([]);
  });
});

async function deadPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
