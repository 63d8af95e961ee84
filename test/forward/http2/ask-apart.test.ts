import { afterEach, describe, expect, it } from 'vitest';
import { createOpenApart } from '../../../src/forward/backend/open-apart.ts';
import { createAskApart } from '../../../src/forward/http2/ask-apart.ts';
import { createCheckEndpoint } from '../../../src/live/check-endpoint.ts';
import { LiveEndpoint } from '../../../src/live/live-endpoint.ts';
import type { Backend, HealthCheck } from '../../../src/model/route-table.ts';
import { CODE, data, FLAG, FRAME, frame, headers, reset } from '../../support/http2-frames.ts';
import { type Http2Script, RawHttp2Backend } from '../../support/http2-raw-backend.ts';
import { plainBackend } from '../../support/plain-backend.ts';

/** Health checks of backends that are asked over HTTP/2. */

const HEALTH: HealthCheck = {
  path: '/healthz?deep=1',
  intervalMs: 5_000,
  timeoutMs: 300,
  healthyAfter: 2,
  unhealthyAfter: 3,
  expect: [[200, 299]],
};

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function backendThat(script: Http2Script, hello?: Buffer): Promise<RawHttp2Backend> {
  const backend = await RawHttp2Backend.start(script);
  backend.hello = hello ?? backend.hello;
  open.push(backend);
  return backend;
}

function check(
  { port }: { port: number },
  changes: Partial<Backend> = {},
  basePath = '',
): Promise<string | null> {
  const url = { secure: false, host: 'orders', port, basePath };
  const endpoint = new LiveEndpoint('key', 'orders', { url, address: '127.0.0.1' });
  const backend = plainBackend('orders', [`http://orders:${port}`], { http2: true, ...changes });
  const checkEndpoint = createCheckEndpoint(createOpenApart(), createAskApart());
  return new Promise((resolve) => checkEndpoint(endpoint, { backend, health: HEALTH }, resolve));
}

function status(code: string): Http2Script {
  return ({ stream }, connection) => connection.write(headers(stream, [':status', code]));
}

describe('a check over HTTP/2', () => {
  it('is a GET in the way of requests, and the connection is closed after it', async () => {
    const backend = await backendThat(status('200'));
    expect(await check(backend, {}, '/base')).toBe(null);
    const fields = backend.requests[0]?.fields ?? [];
    expect(fields.slice(0, 8)).toEqual([
      ...[':method', 'GET', ':scheme', 'http'],
      ...[':authority', `orders:${backend.port}`, ':path', '/base/healthz?deep=1'],
    ]);
    expect(fields[9]).toMatch(/^banyan\/.* \(health check\)$/);
    await backend.connections[0]?.frame(({ type }) => type === FRAME.goaway);
    await backend.connections[0]?.gone();
  });

  it('has the Host that the backend is given', async () => {
    const backend = await backendThat(status('204'));
    expect(await check(backend, { host: { kind: 'name', name: 'shop.example' } })).toBe(null);
    expect(backend.requests[0]?.fields[5]).toBe('shop.example');
  });

  it('waits a moment for the rest of an answer, and no longer', async () => {
    const backend = await backendThat(({ stream }, connection) =>
      connection.write(headers(stream, [':status', '200'], FLAG.endHeaders), data(stream, 'without an end')),
    );
    expect(await check(backend)).toBe(null);
    await backend.connections[0]?.gone();
  });

  it.each<[string, Http2Script, string]>([
    ['503', status('503'), 'it answered 503'],
    ['302', status('302'), 'it answered 302'],
    ['a status that is none', status('abc'), 'bad_response: a status that is none'],
    [
      'a reset',
      ({ stream }, connection) => connection.write(reset(stream, CODE.internalError)),
      'reset: the backend reset the stream: INTERNAL_ERROR',
    ],
    [
      'a refusal',
      ({ stream }, connection) => connection.write(reset(stream, CODE.refusedStream)),
      'reset: the backend refused the stream',
    ],
    ['its end', (_request, { socket }) => void socket.end(), 'reset: the backend closed the connection'],
    ['silence', () => {}, 'no answer within 300 ms'],
    [
      'what is no HTTP/2',
      (_request, connection) => connection.write(frame(FRAME.ping, { stream: 1 })),
      'bad_response: a PING of a stream',
    ],
  ])('of %s says what is wrong', async (_what, script, problem) => {
    const backend = await backendThat(script);
    expect(await check(backend)).toBe(problem);
    await backend.connections[0]?.gone();
  });

  it('of a backend that does not speak it says so', async () => {
    const backend = await backendThat(() => {}, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await check(backend)).toContain('bad_response: it does not speak HTTP/2');
  });

  it('of nobody says that nobody listens', async () => {
    const backend = await RawHttp2Backend.start(() => {});
    const { port } = backend;
    await backend.stop();
    expect(await check({ port })).toContain('connect_refused: connect ECONNREFUSED');
  });
});
