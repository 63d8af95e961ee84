import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawBackend } from '../support/raw-backend.ts';
import { ask, get } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { type Seen, values, Witness } from '../support/witness.ts';

/** What a backend learns of the client and its way (docs/pass-through.md), from strangers and from trusted proxies. */

let witness: Witness;
let backend: RawBackend;
/** Nobody is trusted. */
let plain: RunningRouter;
/** 127.0.0.1 is a trusted proxy. */
let trusting: RunningRouter;

beforeAll(async () => {
  witness = await Witness.start();
  backend = witness.backend;
  plain = await startRouter(`legacy: ${backend.url}\n`);
  trusting = await startRouter(`legacy: ${backend.url}\ntrust_proxies:\n  - 127.0.0.1/32\n`);
});

afterAll(async () => {
  await plain.stop('SIGKILL');
  await trusting.stop('SIGKILL');
  await backend.stop();
});

function exchange(router: RunningRouter, bytes: string, lines?: readonly string[]): Promise<Seen> {
  return witness.exchange(router, bytes, lines);
}

describe('from a stranger', () => {
  it('the forwarded headers tell the socket’s truth, whatever was said', async () => {
    const lies = [
      ...[
        'X-Forwarded-For: 6.6.6.6',
        'x-forwarded-proto: https',
        'X-Forwarded-Host: evil',
        'X-Forwarded-Port: 1',
      ],
      ...[
        'X-Real-IP: 6.6.6.6',
        'Forwarded: for=6.6.6.6',
        'X-Request-Id: spoofed',
        'X-Forwarded-Prefix: /admin',
      ],
      ...['X-Forwarded-For: 7.7.7.7', 'X-Forwarded-User: root'],
    ];
    const { request } = await exchange(plain, get('/', lies));
    expect(
      values(
        request,
        'x-forwarded-for',
        'x-forwarded-proto',
        'x-forwarded-host',
        'x-forwarded-port',
        'x-real-ip',
      ),
    ).toEqual({
      'x-forwarded-for': ['127.0.0.1'],
      'x-forwarded-proto': ['http'],
      'x-forwarded-host': ['shop'],
      'x-forwarded-port': ['80'],
      'x-real-ip': ['127.0.0.1'],
    });
    expect(values(request, 'forwarded', 'x-forwarded-prefix', 'x-forwarded-user')).toEqual({
      forwarded: [],
      'x-forwarded-prefix': [],
      'x-forwarded-user': [],
    });
    expect(request.headerValues('x-request-id')).toHaveLength(1);
    expect(request.header('x-request-id')).not.toBe('spoofed');
    expect(request.headerValues('via')).toEqual(['1.1 banyan']);
  });

  it('no spelling with _ gets through', async () => {
    const spellings = [
      'X_Forwarded_For',
      'x-forwarded_for',
      'X_FORWARDED-HOST',
      'x_real_ip',
      'X_Request_Id',
      'x_banyan_side',
      'X_Original_URL',
    ];
    const { request } = await exchange(
      plain,
      get('/', [...spellings.map((name) => `${name}: 6.6.6.6`), 'my_own: 1']),
    );
    expect(request.headers.filter((value) => value === '6.6.6.6')).toEqual([]);
    expect(request.header('my_own')).toBe('1');
  });

  it('Connection cannot take the router’s own headers away, nor what the message cannot do without', async () => {
    const nominated =
      'X-Forwarded-For, X-Real-IP, Via, X-Request-Id, X-Forwarded-Proto, Host, Content-Length, Content-Type, X-Own, close';
    const { request } = await exchange(
      plain,
      `POST / HTTP/1.1\r\nHost: shop\r\nX-Own: 1\r\nContent-Type: a/b\r\nContent-Length: 2\r\nConnection: ${nominated}\r\n\r\nok`,
    );
    for (const name of [
      'x-forwarded-for',
      'x-real-ip',
      'via',
      'x-request-id',
      'x-forwarded-proto',
      'host',
      'content-length',
      'content-type',
    ]) {
      expect([name, request.headerValues(name).length]).toEqual([name, 1]);
    }
    expect(request.header('x-own')).toBe(undefined);
    expect((await request.body()).toString()).toBe('ok');
  });

  it('nor do x-banyan-* and what belongs to one hop get through', async () => {
    const { request } = await exchange(
      plain,
      get('/', [
        'x-banyan-side: feature',
        'X-BANYAN-anything: 1',
        'TE: trailers',
        'Keep-Alive: 1',
        'Proxy-Authorization: x',
        'Proxy-Connection: close',
        'Proxy: http://x',
      ]),
    );
    const passed = request.headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    expect(passed).toEqual(['host', ...OWN]);
  });

  const OWN = [
    'x-forwarded-for',
    'x-forwarded-proto',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-real-ip',
    'via',
    'x-request-id',
  ];

  it.each([
    ['shop.example:8443', '8443'],
    ['shop.example', '80'],
    ['[::1]:81', '81'],
    ['[::1]', '80'],
  ])('X-Forwarded-Port of Host %s is %s', async (host, port) => {
    const { request } = await exchange(plain, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(request.header('x-forwarded-port')).toBe(port);
    expect(request.header('x-forwarded-host')).toBe(host);
  });

  it('traceparent passes, and each request has an id of its own', async () => {
    const trace = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const ids = new Set<string | undefined>();
    for (let i = 0; i < 3; i++) {
      const { request } = await exchange(plain, get('/', [trace]));
      expect(`traceparent: ${request.header('traceparent')}`).toBe(trace);
      ids.add(request.header('x-request-id'));
    }
    expect(ids.size).toBe(3);
  });

  it('a Via that already names two others passes, in its place; the third banyan is a loop', async () => {
    const { request } = await exchange(plain, get('/', ['Via: 1.0 fred', 'Via: 1.1 banyan, 1.1 banyan']));
    expect(request.headerValues('via')).toEqual(['1.0 fred', '1.1 banyan, 1.1 banyan', '1.1 banyan']);
    expect((await ask(plain.port, get('/', ['Via: 1.1 banyan, 1.1 banyan, 1.1 banyan']))).status).toBe(508);
  });
});

it('a router that is its own backend ends the loop with 508', async () => {
  const port = await freePort();
  const looping = await startRouter(`legacy: http://127.0.0.1:${port}\n`, {
    flags: ['--listen', `127.0.0.1:${port}`],
  }).catch((error: Error) => error);
  // Refused at load, or ended by Via: never endless.
  if (looping instanceof Error) expect(looping.message).toMatch(/itself|own address/);
  else {
    expect((await ask(looping.port, get('/'))).status).toBe(508);
    await looping.stop('SIGKILL');
  }
});

async function freePort(): Promise<number> {
  const probe = await RawBackend.start(() => {});
  const { port } = probe;
  await probe.stop();
  return port;
}

describe('from a trusted proxy', () => {
  it('what it said stays, and X-Forwarded-For is appended to', async () => {
    const said = [
      ...[
        'X-Forwarded-For: 203.0.113.7, 10.1.1.1',
        'X-Forwarded-Proto: https',
        'X-Forwarded-Host: shop.example',
      ],
      ...[
        'X-Forwarded-Port: 443',
        'X-Real-IP: 203.0.113.7',
        'Forwarded: for=203.0.113.7',
        'X-Request-Id: abc-123',
      ],
    ];
    const { request } = await exchange(trusting, get('/', said));
    expect(
      values(
        request,
        'x-forwarded-for',
        'x-forwarded-proto',
        'x-forwarded-host',
        'x-forwarded-port',
        'x-real-ip',
        'forwarded',
        'x-request-id',
      ),
    ).toEqual({
      'x-forwarded-for': ['203.0.113.7, 10.1.1.1, 127.0.0.1'],
      'x-forwarded-proto': ['https'],
      'x-forwarded-host': ['shop.example'],
      'x-forwarded-port': ['443'],
      'x-real-ip': ['203.0.113.7'],
      forwarded: ['for=203.0.113.7'],
      'x-request-id': ['abc-123'],
    });
  });

  it('what it left out is made: the port after the scheme that it named, the client from the chain', async () => {
    const { request } = await exchange(
      trusting,
      get('/', ['X-Forwarded-For: 203.0.113.7', 'X-Forwarded-Proto: https']),
    );
    expect(values(request, 'x-forwarded-port', 'x-real-ip', 'x-forwarded-host')).toEqual({
      'x-forwarded-port': ['443'],
      'x-real-ip': ['203.0.113.7'],
      'x-forwarded-host': ['shop'],
    });
  });

  it.each([
    ['X-Forwarded-Host: shop.example', '443'],
    ['X-Forwarded-Host: shop.example:8443, inner:8080', '8443'],
  ])('the port that it left out is that of the host which it named: %s', async (named, port) => {
    const said = ['X-Forwarded-Proto: https', named];
    const { request } = await exchange(trusting, get('/', said).replace('Host: shop', 'Host: inner:8080'));
    expect(values(request, 'x-forwarded-port')).toEqual({ 'x-forwarded-port': [port] });
  });

  it('the spelling with _ is dropped all the same', async () => {
    const { request } = await exchange(trusting, get('/', ['X_Forwarded_For: 6.6.6.6']));
    expect(request.headers).not.toContain('6.6.6.6');
  });
});
