import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { NAME, QuotesClient, readAll } from '../support/grpc/quotes-client.ts';
import { type QuotesService, startQuotes } from '../support/grpc/quotes-service.ts';
import { type PlantedDns, plantDns } from '../support/planted-dns.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';

/** Replicas of a gRPC service that come, go and move, and a router that stops: all calls of a client are on one connection. */

let authority: Authority;
let dns: PlantedDns;
let router: RunningRouter;
let client: QuotesClient;
let flags: string[];
const services: QuotesService[] = [];

beforeAll(async () => {
  authority = new Authority();
  dns = await plantDns();
  const { certFile, keyFile } = authority.issue('router', [`DNS:${NAME}`]);
  flags = ['--front', 'wire', '--tls-listen', '127.0.0.1:0', '--tls-cert', certFile, '--tls-key', keyFile];
  router = await startRouter(routes('http://127.0.0.1:9'), { flags, nodeFlags: dns.nodeFlags });
  client = new QuotesClient(router.tlsUrl, authority.own.cert);
});

afterAll(async () => {
  client?.close();
  await router?.stop();
  await dns?.stop();
  authority?.remove();
});

afterEach(() => {
  for (const service of services.splice(0)) service.kill();
});

async function serve(...place: Parameters<typeof startQuotes>): Promise<QuotesService> {
  const service = await startQuotes(...place);
  services.push(service);
  return service;
}

function routes(...urls: string[]): string {
  return [
    'legacy: http://127.0.0.1:9',
    'features:',
    '  quotes:',
    '    urls:',
    ...urls.map((url) => `      - ${url}`),
    '    http2: true',
    '    hold_while_down: 5s',
    'routes:',
    '  - match:',
    '      prefix: /shop.Quotes',
    '    to: quotes',
    '',
  ].join('\n');
}

async function whoAnswers(calls: number): Promise<Set<string | undefined>> {
  const answers = await Promise.all(Array.from({ length: calls }, () => client.get({ symbol: 'a' })));
  expect(answers.map(({ code }) => code)).toEqual(answers.map(() => status.OK));
  return new Set(answers.map(({ answer }) => answer?.from));
}

describe('replicas', () => {
  it('share the calls of one client', async () => {
    const [one, two] = [await serve('one'), await serve('two')];
    await router.edit(routes(one.url, two.url));
    expect(await whoAnswers(40)).toEqual(new Set(['one', 'two']));
  });

  it('that die take only what they had begun with them', async () => {
    const [one, two] = [await serve('one'), await serve('two')];
    await router.edit(routes(one.url, two.url));
    const watches = Array.from({ length: 4 }, () => client.watch({ symbol: 'endless', count: 1 }));
    const ends = watches.map((watch) => readAll(watch));
    await Promise.all(watches.map((watch) => new Promise((resolve) => watch.once('data', resolve))));
    one.kill();
    expect(await whoAnswers(40)).toEqual(new Set(['two']));
    two.kill();
    for (const { code } of await Promise.all(ends)) expect(code).not.toBe(status.OK);
  });

  it('a service that is being restarted is waited for', async () => {
    const before = await serve('before');
    await router.edit(routes(before.url));
    expect(await whoAnswers(1)).toEqual(new Set(['before']));
    await before.leave();
    const waiting = whoAnswers(20);
    await until(
      () => router.metric('banyan_requests_in_flight', { route: 'quotes', backend: 'quotes' }),
      (count) => count === 20,
    );
    await serve('after', before.port);
    expect(await waiting).toEqual(new Set(['after']));
  });

  it('a name with another address: calls go there, those under way end in peace', async () => {
    dns.server.set('quotes.test', ['127.0.0.1']);
    const here = await serve('here');
    await serve('there', here.port, '127.0.0.2');
    await router.edit(routes(`http://quotes.test:${here.port}`));
    expect(await whoAnswers(5)).toEqual(new Set(['here']));
    const chat = client.chat();
    const chatted = readAll(chat);
    chat.write({ symbol: 'a' });
    dns.server.set('quotes.test', ['127.0.0.2']);
    await until(
      async () => (await client.get({ symbol: 'a' })).answer?.from,
      (from) => from === 'there',
    );
    chat.write({ symbol: 'bb' });
    chat.end();
    const { code, answer } = await chatted;
    expect(code).toBe(status.OK);
    expect(answer?.map(({ from }) => from)).toEqual(['here', 'here']);
  });
});

it('a router that stops lets calls end, of each kind', async () => {
  const service = await serve('steady');
  const stopping = await startRouter(routes(service.url), { flags });
  const own = new QuotesClient(stopping.tlsUrl, authority.own.cert);
  const chat = own.chat();
  const chatted = readAll(chat);
  chat.write({ symbol: 'a' });
  await new Promise((resolve) => chat.once('data', resolve));
  const stopped = stopping.stop();
  await stopping.log((line) => /drain|stopping/i.test(String(line['msg'])));
  chat.write({ symbol: 'bb' });
  chat.end();
  expect(await chatted).toMatchObject({ code: status.OK, answer: [{ symbol: 'a' }, { symbol: 'bb' }] });
  own.close();
  expect(await stopped).toBe(0);
});
