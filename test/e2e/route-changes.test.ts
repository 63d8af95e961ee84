import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get, post } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { type Seen, values, Witness } from '../support/witness.ts';

/** Routes that change something on the way: rewrites, edits, redirect and respond. */

let witness: Witness;
let backend: RawBackend;
/** Nobody is trusted. */
let plain: RunningRouter;
/** 127.0.0.1 is a trusted proxy; routes rewrite and edit. */
let rich: RunningRouter;

beforeAll(async () => {
  witness = await Witness.start();
  backend = witness.backend;
  plain = await startRouter(`legacy: ${backend.url}\n`);
  rich = await startRouter(`
legacy: ${backend.url}
features:
  orders: ${backend.url}
  based: ${backend.url}/base
routes:
  - match:
      prefix: /api/orders
    to: orders
    rewrite:
      strip_prefix: true
    request_headers:
      set:
        X-Tenant: shop
        user-agent: banyan
      add:
        X-List: two
      remove:
        - X-Drop
        - cookie
    response_headers:
      set:
        Cache-Control: no-store
      add:
        X-Added: "1"
        Set-Cookie: own=1
      remove:
        - server
  - match:
      prefix: /v1/:tenant/items
    to: orders
    rewrite:
      replace_prefix: /items/v2
  - match:
      prefix: /based
    to: based
    rewrite:
      strip_prefix: true
  - name: moved
    match:
      prefix: /old
    redirect:
      to: "https://new.example/{path}"
      status: 301
  - name: gone
    match:
      path: /gone
    respond:
      status: 410
      body: It is gone.
      type: text/plain
trust_proxies:
  - 127.0.0.1/32
debug_headers: true
`);
});

afterAll(async () => {
  await plain.stop('SIGKILL');
  await rich.stop('SIGKILL');
  await backend.stop();
});

function exchange(router: RunningRouter, bytes: string, lines?: readonly string[]): Promise<Seen> {
  return witness.exchange(router, bytes, lines);
}

describe('rewrite', () => {
  it.each([
    ['/api/orders', '/'],
    ['/api/orders/', '/'],
    ['/api/orders/7?a=%2F&b', '/7?a=%2F&b'],
    ['/api//orders/7', '/7'],
    ['/v1/acme/items/3?x', '/items/v2/3?x'],
    ['/v1/acme/items', '/items/v2'],
    ['/based/x', '/base/x'],
  ])('%s is sent as %s', async (target, sent) => {
    const { request } = await exchange(rich, get(target));
    expect(request.target).toBe(sent);
  });

  it('strip_prefix says what it stripped; replace_prefix has nothing to say', async () => {
    expect((await exchange(rich, get('/api/orders/7'))).request.header('x-forwarded-prefix')).toBe(
      '/api/orders',
    );
    expect((await exchange(rich, get('/v1/acme/items'))).request.header('x-forwarded-prefix')).toBe(
      undefined,
    );
  });

  it.each([
    ['http://{backend}/7', 'http://shop/api/orders/7'],
    ['http://{backend}/api/orders/7', 'http://shop/api/orders/7'],
    ['http://{backend}', 'http://shop/api/orders'],
    ['/7', '/7'],
    ['7', '7'],
    ['https://elsewhere.example/7', 'https://elsewhere.example/7'],
    ['http://{backend}0/7', 'http://{backend}0/7'],
  ])('Location: %s comes back as %s', async (location, wanted) => {
    const own = `127.0.0.1:${backend.port}`;
    const { answer } = await exchange(rich, get('/api/orders/7'), [
      `Location: ${location.replace('{backend}', own)}`,
    ]);
    expect(answer.header('location')).toBe(wanted.replace('{backend}', own));
  });

  it('under a base path, that is taken off a Location', async () => {
    const { answer } = await exchange(rich, get('/based/x'), [
      `Location: http://127.0.0.1:${backend.port}/base/y?z`,
    ]);
    expect(answer.header('location')).toBe('http://shop/based/y?z');
  });

  it('cookies for a path of the feature get the prefix back, once; Path=/ is for all of the site', async () => {
    const cookies = [
      'a=1; Path=/7; HttpOnly',
      'b=1; path=/api/orders/7',
      'c=1; Path=/',
      'd=1',
      'e=1; Max-Age=1; PATH=/x',
    ];
    const { answer } = await exchange(
      rich,
      get('/api/orders/7'),
      cookies.map((cookie) => `Set-Cookie: ${cookie}`),
    );
    expect(answer.headerValues('set-cookie')).toEqual([
      'a=1; Path=/api/orders/7; HttpOnly',
      'b=1; path=/api/orders/7',
      'c=1; Path=/',
      'd=1',
      'e=1; Max-Age=1; PATH=/api/orders/x',
      'own=1',
    ]);
  });
});

describe('edits', () => {
  it('of requests: remove, set, add; on the feature’s side alone', async () => {
    const lines = [
      'X-Drop: 1',
      'x-drop: 2',
      'Cookie: a=1',
      'User-Agent: x',
      'X-List: one',
      'X-Tenant: theirs',
    ];
    const { request } = await exchange(rich, get('/api/orders/7', lines));
    expect(values(request, 'x-drop', 'cookie', 'user-agent', 'x-list', 'x-tenant')).toEqual({
      'x-drop': [],
      cookie: [],
      'user-agent': ['banyan'],
      'x-list': ['one', 'two'],
      'x-tenant': ['shop'],
    });
    const legacy = (await exchange(rich, get('/legacy', lines))).request;
    expect(values(legacy, 'x-drop', 'cookie', 'x-tenant')).toEqual({
      'x-drop': ['1', '2'],
      cookie: ['a=1'],
      'x-tenant': ['theirs'],
    });
  });

  it('of answers', async () => {
    const { answer } = await exchange(rich, get('/api/orders/7'), [
      'Server: x',
      'Cache-Control: public',
      'Set-Cookie: a=1',
      'X-Keep: 1',
    ]);
    expect(answer.header('server')).toBe(undefined);
    expect(answer.headerValues('cache-control')).toEqual(['no-store']);
    expect(answer.headerValues('set-cookie')).toEqual(['a=1', 'own=1']);
    expect([answer.header('x-keep'), answer.header('x-added')]).toEqual(['1', '1']);
  });

  it('debug_headers say who answered and why; without, nothing does', async () => {
    const { answer } = await exchange(rich, get('/api/orders/7'));
    expect([
      answer.header('x-banyan-route'),
      answer.header('x-banyan-side'),
      answer.header('x-banyan-reason'),
    ]).toEqual(['orders', 'feature', 'stage']);
    const legacy = (await exchange(rich, get('/'))).answer;
    expect([legacy.header('x-banyan-route'), legacy.header('x-banyan-side')]).toEqual([
      '(default)',
      'legacy',
    ]);
    expect((await exchange(plain, get('/'))).answer.headers.join()).not.toContain('x-banyan');
  });

  it('debug_headers say it of problems too, once there is a decision', async () => {
    backend.use((_request, reply) => reply.reset());
    const problem = await ask(rich.port, post('/api/orders/7', 'x'));
    expect([problem.status, problem.header('x-banyan-route'), problem.header('x-banyan-side')]).toEqual([
      502,
      'orders',
      'feature',
    ]);
    expect((await ask(plain.port, post('/', 'x'))).headers.join()).not.toContain('x-banyan');
  });
});

describe('redirect and respond', () => {
  it.each([
    ['/old', 'https://new.example/old'],
    ['/old/a%20b?c=%zz', 'https://new.example/old/a%20b?c=%zz'],
    ['//old/./x', 'https://new.example/old/x'],
  ])('%s goes to %s', async (target, location) => {
    const from = backend.requests.length;
    const answer = await ask(rich.port, get(target));
    expect([answer.status, answer.header('location')]).toEqual([301, location]);
    expect(backend.requests.length).toBe(from);
  });

  it('respond answers by itself, HEAD and POST too, on a connection that goes on', async () => {
    const answer = await ask(rich.port, get('/gone'));
    expect([answer.status, answer.text, answer.header('content-type'), answer.complete]).toEqual([
      410,
      'It is gone.',
      'text/plain',
      true,
    ]);
    expect(answer.header('connection')).toBe(undefined);
    const head = await ask(rich.port, 'HEAD /gone HTTP/1.1\r\nHost: shop\r\n\r\n');
    expect([head.status, head.header('content-length'), head.text]).toEqual([410, '11', '']);
    const posted = await ask(rich.port, 'POST /gone HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc');
    expect(posted.status).toBe(410);
    expect(
      await rich.metric('banyan_requests_total', {
        route: 'gone',
        backend: 'none',
        method: 'GET',
        code: '410',
      }),
    ).toBe(1);
  });
});
