import { describe, expect, it } from 'vitest';
import { buildLocalAnswer, redirectLocation, sendLocalAnswer } from '../../src/forward/local-answer.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';
import { type RouteSketch, tableOf } from '../support/table.ts';
import { FakeExchange } from './fake-exchange.ts';
import { ForwardBench } from './forward-bench.ts';

describe('where a redirect leads', () => {
  it.each([
    ['https://x.test/{path}', '/a/b', null, 'https://x.test/a/b'],
    ['https://x.test/{path}', '/a', 'q=1', 'https://x.test/a?q=1'],
    ['https://x.test/{path}', '/a', '', 'https://x.test/a?'],
    ['https://x.test/?own=1', '/a', 'q=1', 'https://x.test/?own=1'],
    ['/new#top', '/a', 'q=1', '/new?q=1#top'],
    ['/{path}', '//evil.test/', null, '/evil.test/'],
    ['/{path}', '/\\evil.test/', null, '/%5Cevil.test/'],
    ['/{path}', '/$&$1', null, '/$&$1'],
  ])('%s, N %s, query %s', (to, path, query, expected) => {
    expect(redirectLocation(to, path, query)).toBe(expected);
  });
});

const DATE = ['Date', 'Thu, 01 Jan 1970 00:00:01 GMT'];

function answer(sketch: RouteSketch, { method = 'GET', debug = false } = {}): FakeExchange['answer'] {
  const exchange = new FakeExchange({ method, target: '/old' });
  const route = tableOf([{ prefix: '/', ...sketch }]).routes[0] as ReturnType<
    typeof tableOf
  >['routes'][number];
  const matched = { route, alternative: 0, path: '/old', normalPath: '/old' };
  sendLocalAnswer(exchange.answer, buildLocalAnswer(exchange, matched, { now: 1_000, debug }));
  return exchange.answer;
}

it('respond sends status, type and body; HEAD gets the same head', () => {
  const respond = { status: 410, body: 'gone ü', type: 'text/plain; charset=utf-8' };
  const headers = [...DATE, 'Content-Type', 'text/plain; charset=utf-8', 'Content-Length', '7'];
  expect(answer({ respond }).headOfAnswer).toEqual({ status: 410, reason: 'Gone', headers, bodyLength: 7 });
  const head = answer({ respond }, { method: 'HEAD' });
  expect(head.headOfAnswer).toMatchObject({ status: 410, headers, bodyLength: 0 });
  expect(head.text).toBe('');
});

it('a 204 has neither body nor length', () => {
  expect(answer({ respond: { status: 204 } }).headOfAnswer?.headers).toEqual(DATE);
});

it('redirect sends Location, and what the route sets', () => {
  const policy = { responseHeaders: { set: [['Cache-Control', 'no-store']], add: [], remove: [] } } as const;
  const got = answer({ redirect: { to: '/new/{path}', status: 301 }, policy });
  expect(got.headOfAnswer).toMatchObject({
    status: 301,
    reason: 'Moved Permanently',
    headers: [...DATE, 'Location', '/new/old', 'Content-Length', '0', 'Cache-Control', 'no-store'],
  });
});

it('a status that has no phrase gets none', () => {
  expect(answer({ respond: { status: 499 } }).headOfAnswer).toMatchObject({ status: 499, reason: '' });
});

it('debug headers name the route: no side answers here', () => {
  const got = answer({ name: 'moved', redirect: { to: '/new' } }, { debug: true });
  expect(got.headOfAnswer?.headers.slice(-2)).toEqual(['x-banyan-route', 'moved']);
  expect(got.headOfAnswer?.headers).not.toContain('x-banyan-side');
});

it('a body over `max_body` is refused, and told as that', async () => {
  const bench = new ForwardBench([]);
  const [route] = tableOf([{ prefix: '/', respond: { status: 200 }, policy: { maxBody: 5 } }]).routes;
  if (route === undefined) throw new Error('the table has no route');
  const exchange = new FakeExchange({ method: 'POST', body: ['too long'] });
  bench.forwarder.forward({
    exchange,
    matched: { route, alternative: 0, path: '/', normalPath: '/' },
    decision: { kind: 'local', route, feature: null },
    trust: new TrustedProxies([]),
    requestId: 'request-1',
    debug: false,
    setCookie: null,
  });
  await exchange.answer.over;
  expect(exchange.answer.failure).toBe('body_too_large');
  expect(bench.outcomes).toMatchObject([{ status: 413, failure: 'body_too_large' }]);
  bench.close();
});
