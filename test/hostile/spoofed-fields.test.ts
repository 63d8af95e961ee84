import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RawRequest } from '../support/raw-backend.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { TwoBackends } from '../support/two-backends.ts';

/** Fields that say what only the router, or a proxy that it trusts, may say, in places and spellings that may slip through. */

let all: TwoBackends;

beforeAll(async () => {
  all = await TwoBackends.start();
});
beforeEach(() => all.reset());
afterAll(() => all.stop());

async function sent(bytes: string): Promise<RawRequest> {
  expect((await ask(all.router.port, bytes)).status).toBe(200);
  return all.legacy.request(0);
}

describe('a client', () => {
  it('says nothing in the name of the edge in its trailers, which some servers take for headers', async () => {
    const trailers = [
      ...[
        'X-Forwarded-For: 6.6.6.6',
        'X_Forwarded_Proto: https',
        'Forwarded: for=6.6.6.6',
        'X-Real-IP: 6.6.6.6',
      ],
      ...['X-Banyan-Side: feature', 'X-Request-Id: forged', 'Via: 1.1 forged', 'Proxy: forged', 'X-Sum: 1'],
    ];
    const request = await sent(
      `POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${trailers.join('\r\n')}\r\n\r\n`,
    );
    await request.body();
    expect(request.trailers).toEqual(['X-Sum', '1']);
  });

  it.each(['X.Forwarded.For', 'X-Forwarded.For', 'x.banyan-side', 'X.Real_IP'])(
    'does not get past with %s, whose dots are underscores to PHP',
    async (name) => {
      const request = await sent(get('/', [`${name}: 6.6.6.6`, 'X.Mine: 1']));
      expect(request.headerValues(name.toLowerCase())).toEqual([]);
      expect(request.header('x.mine')).toBe('1');
    },
  );

  it.each([
    'Transfer_Encoding: chunked',
    'Content_Length: 40',
    'Proxy_Authorization: Basic eDp5',
    'Keep.Alive: x',
  ])('does not get past with %s, which CGI and WSGI take for the field that stays behind', async (line) => {
    const request = await sent(get('/', [line, 'Content_Mine: 1']));
    expect(request.headerValues((line.split(':')[0] as string).toLowerCase())).toEqual([]);
    expect(request.header('content_mine')).toBe('1');
  });
});

describe('a trusted proxy that passes on a client’s Connection', () => {
  it.each(['X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Port', 'X-Real-IP', 'X-Forwarded-For'])(
    'does not lose %s by it',
    async (name) => {
      const trusting = await TwoBackends.start('trust_proxies: [127.0.0.1/32]\n');
      try {
        const lines = [`Connection: ${name}`, `${name}: 192.0.2.7`];
        expect((await ask(trusting.router.port, get('/', lines))).status).toBe(200);
        const request = await trusting.legacy.request(0);
        expect(request.header(name.toLowerCase())).toMatch(/^192\.0\.2\.7/);
      } finally {
        await trusting.stop();
      }
    },
  );
});

describe('a backend', () => {
  it('gives no 1xx a length, which a reader could take for a body (RFC 9110 section 8.6)', async () => {
    all.legacy.use((_, reply) => {
      reply.write('HTTP/1.1 103 Early Hints\r\nContent-Length: 40\r\nLink: </a.css>\r\n\r\n');
      reply.send(200, [], 'ok');
    });
    const answer = await ask(all.router.port, get('/'));
    expect(answer.informational[0]?.headers).toEqual(['Link', '</a.css>']);
    expect(answer.text).toBe('ok');
  });

  it('gives no 101 a length', async () => {
    all.legacy.use((_, reply) => {
      reply.takeOver();
      reply.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 4\r\n\r\n',
      );
    });
    const client = await RawClient.connect(all.router.port);
    client.send(get('/', ['Connection: Upgrade', 'Upgrade: x']));
    expect(await client.readAnswer()).toMatchObject({ headers: ['Connection', 'Upgrade', 'Upgrade', 'x'] });
    client.destroy();
  });
});
