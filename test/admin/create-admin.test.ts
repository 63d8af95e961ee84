import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdminDeps } from '../../src/admin/admin-deps.ts';
import { createAdmin } from '../../src/admin/create-admin.ts';
import { depsOf, startAdmin } from './admin-samples.ts';

type Started = Awaited<ReturnType<typeof startAdmin>>;
const running: Started[] = [];

async function start(given: Partial<AdminDeps> = {}): Promise<Started> {
  const started = await startAdmin(given);
  running.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(({ stop }) => stop()));
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One request with any method and Host. */
async function ask(
  { port }: Started,
  path: string,
  { method = 'GET', headers = {}, body = '', agent }: AskOptions = {},
): Promise<Answer> {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method,
    headers,
    ...(agent ? { agent } : {}),
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const type = response.headers['content-type'] ?? '';
  return { status: response.statusCode ?? 0, type, headers: response.headers, body: await text(response) };
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** Expects a problem and returns its detail. */
function detailOf(answer: Answer, status: number): string {
  expect(answer.status).toBe(status);
  expect(answer.type).toBe('application/problem+json; charset=utf-8');
  const problem = JSON.parse(answer.body);
  expect(problem).toMatchObject({ type: 'about:blank', status });
  return problem.detail;
}

/** Raw bytes in, the whole answer out. */
async function askRaw({ port }: Started, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  return text(socket);
}

describe('the admin listener', () => {
  it('hands out the metrics in pieces, with the type of the format', async () => {
    const answer = await ask(await start(), '/metrics');
    expect(answer).toMatchObject({ status: 200, body: 'a 1\nb 2\n' });
    expect(answer.type).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('says that the process lives', async () => {
    expect(await ask(await start(), '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('says whether requests are welcome, and why not', async () => {
    let reason = 'no route table yet';
    const started = await start({ readiness: () => ({ ready: reason === 'serving', reason }) });
    expect(detailOf(await ask(started, '/readyz'), 503)).toBe('no route table yet');
    reason = 'draining';
    expect(detailOf(await ask(started, '/readyz'), 503)).toBe('draining');
    reason = 'serving';
    expect(await ask(started, '/readyz')).toMatchObject({ status: 200, body: 'serving\n' });
  });

  it('lists on its page what there is, and each link works', async () => {
    const started = await start();
    const page = await ask(started, '/');
    expect(page.type).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    const links = [...page.body.matchAll(/href="([^"]*)"/g)].map(([, href]) =>
      href?.replaceAll('&amp;', '&'),
    );
    expect(links.length).toBeGreaterThanOrEqual(7);
    for (const link of links) expect((await ask(started, link as string)).status, link).toBe(200);
  });

  it('answers what it does not know with a problem', async () => {
    const started = await start();
    expect(detailOf(await ask(started, '/api/nothing'), 404)).toMatch(/lists what there is/);
    expect(detailOf(await ask(started, '/api/%zz'), 400)).toMatch(/cannot be read/);
  });

  it('gives away nothing of a fault of its own', async () => {
    const table = () => {
      throw new Error('secret cause');
    };
    const answer = await ask(await start({ table }), '/api/routes');
    detailOf(answer, 500);
    expect(answer.body).not.toMatch(/secret|\.ts|at /);
  });

  it('may not be cached, framed or sniffed', async () => {
    const started = await start();
    for (const path of ['/', '/metrics', '/api/routes', '/nothing']) {
      expect((await ask(started, path)).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    }
  });
});

describe('methods', () => {
  it('HEAD gives the head alone', async () => {
    const started = await start();
    for (const path of ['/', '/metrics', '/healthz', '/api/routes']) {
      expect(await ask(started, path, { method: 'HEAD' }), path).toMatchObject({ status: 200, body: '' });
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    '%s is refused everywhere',
    async (method) => {
      const started = await start();
      const headers = method === 'POST' ? { 'content-type': 'odd/type', 'content-length': '2' } : {};
      for (const path of ['/api/config', '/nothing']) {
        const answer = await ask(started, path, { method, headers, body: method === 'POST' ? '{}' : '' });
        expect(detailOf(answer, 405)).toMatch(/read-only/);
        expect(answer.headers['allow']).toBe('GET, HEAD');
      }
    },
  );
});

describe('what cannot be read', () => {
  it('is refused with a problem, and the connection closed', async () => {
    const answer = await askRaw(await start(), 'GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
  });

  it('a head that is too large gets 431, a long url 414', async () => {
    const started = await start();
    const head = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`;
    expect(await askRaw(started, head)).toMatch(/^HTTP\/1\.1 431 /);
    expect(detailOf(await ask(started, `/api/explain?url=/${'a'.repeat(50_000)}`), 414)).toMatch(/longer/);
  });
});

describe('Host', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:9901',
    '[::1]:9901',
    'localhost',
    'LOCALHOST:9901',
    'router',
    'banyan.shop.test',
    'Banyan.Shop.Test.:9901',
  ])('%s is answered', async (host) => {
    expect((await ask(await start(), '/healthz', { headers: { host } })).status).toBe(200);
  });

  it.each([
    'evil.test',
    'banyan.shop.test.evil.test',
    '127.0.0.1.evil.test',
    'localhost.evil.test',
    '[evil.test]',
    'a b',
  ])('%s is refused, with what to do about it', async (host) => {
    const started = await start();
    for (const path of ['/metrics', '/nothing']) {
      expect(detailOf(await ask(started, path, { headers: { host } }), 421)).toContain('--admin-host');
    }
  });

  it('may be missing: no browser leaves it out', async () => {
    expect(await askRaw(await start(), 'GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('explain', () => {
  const asked = async (query: string) => ask(await start(), `/api/explain?${query}`);

  it('hands the question on', async () => {
    const answer = await asked('method=POST&url=%2Fa%3Fb%3D1&header=X-App:%20ios&header=cookie:a=b');
    expect(JSON.parse(answer.body)).toEqual({
      question: {
        method: 'POST',
        url: '/a?b=1',
        headers: [
          ['X-App', 'ios'],
          ['cookie', 'a=b'],
        ],
      },
    });
  });

  it('is of a GET unless it says otherwise, and takes a url with its own question mark', async () => {
    const { question } = JSON.parse((await asked('url=/a?b=1')).body);
    expect(question).toEqual({ method: 'GET', url: '/a?b=1', headers: [] });
  });

  it.each([
    ['', /^url: missing/],
    ['url=/a?b=1&c=2', /^"c" is no parameter: .* an & within the url is %26$/],
    ['url=/&headr=a:b', /^"headr" is no parameter/],
    ['url=/a?b=1&url=/c', /^url: given twice; an & within the url is %26$/],
    ['url=/a&method=GET&method=POST', /^method: given twice/],
    ['method=A%20B&url=/', /^method:/],
    ['url=/a%0d%0ab', /^url:/],
    ['url=/&header=nothing', /^header: "nothing" is not/],
    ['url=/&header=X:%0aY', /^header:/],
    ['url=/&header=:x', /^header:/],
    [`url=/${'&header=a:b'.repeat(201)}`, /^header: more than/],
  ])('%s is refused', async (query, message) => {
    expect(detailOf(await asked(query), 400)).toMatch(message);
  });

  it('says what the router says of a request that it would refuse to read', async () => {
    const started = await start({ explain: () => ({ problem: 'not a path' }) });
    expect(detailOf(await ask(started, '/api/explain?url=x'), 400)).toBe('not a path');
  });

  it('waits for a table', async () => {
    const started = await start({ table: () => null });
    expect(detailOf(await ask(started, '/api/explain?url=/'), 503)).toMatch(/no route table/);
  });
});

describe('closing', () => {
  it('is not held up by idle connections, silent ones and slow readers', async () => {
    const endless = {
      contentType: 'text/plain',
      async *exposition() {
        for (;;) yield 'x'.repeat(65_536);
      },
    };
    const admin = createAdmin(depsOf({ metrics: endless }));
    const { port } = await admin.listen({ host: '127.0.0.1', port: 0 });
    const started = { admin, port, url: '', stop: () => admin.close() };
    const agent = new Agent({ keepAlive: true });
    await ask(started, '/healthz', { agent });
    const silent = connect(port, '127.0.0.1');
    const slow = connect(port, '127.0.0.1');
    slow.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(slow, 'data');
    slow.pause();
    for (const socket of [silent, slow]) socket.on('error', () => {});
    const start = performance.now();
    await admin.close();
    expect(performance.now() - start).toBeLessThan(4_000);
    agent.destroy();
    silent.destroy();
    slow.destroy();
  });

  it('fails to listen where somebody else does, with the system’s code', async () => {
    const { port } = await start();
    const second = createAdmin(depsOf());
    await expect(second.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });
});
