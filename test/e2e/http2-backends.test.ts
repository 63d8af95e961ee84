import { createSecureServer, createServer, type Http2SecureServer, type Http2Server } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { ask, get } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';

/** Backends that are asked over HTTP/2, by the built router. */

let authority: Authority;
let router: RunningRouter;
let plain: RawBackend;
const servers: (Http2Server | Http2SecureServer | Server)[] = [];
/** Paths that health checks asked for, by backend. */
const checked: Record<string, number> = {};
const ports: Record<string, number> = {};

async function listening(server: Http2Server | Http2SecureServer | Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Says over which protocol it was asked, and closes what it has when told to. */
function answering(server: Http2Server | Http2SecureServer, name: string): typeof server {
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'] === '/healthz') checked[name] = (checked[name] ?? 0) + 1;
    stream.respond({ ':status': 200, 'x-scheme': String(headers[':scheme']) });
    stream.end(`${name} ${headers[':path']}`);
  });
  return server;
}

function routes(http2: boolean): string {
  return [
    'legacy: http://127.0.0.1:9',
    'features:',
    ...feature('clear', `http://127.0.0.1:${ports['clear']}`, ['health:', '  interval: 100ms']),
    ...feature('secret', `https://127.0.0.1:${ports['secret']}`, ['tls:', `  ca: ${authority.own.certFile}`]),
    ...feature('old', `https://127.0.0.1:${ports['old']}`, ['tls:', `  ca: ${authority.own.certFile}`]),
    ...feature('plain', plain.url, [], http2),
    'routes:',
    ...['clear', 'secret', 'old', 'plain'].flatMap((name) => [
      `  - match:`,
      `      prefix: /${name}`,
      `    to: ${name}`,
    ]),
    '',
  ].join('\n');
}

function feature(name: string, url: string, more: string[], http2 = true): string[] {
  const keys = [`url: ${url}`, `http2: ${http2}`, 'hold_while_down: 0s', 'breaker: false', ...more];
  return [`  ${name}:`, ...keys.map((line) => `    ${line}`)];
}

beforeAll(async () => {
  authority = new Authority();
  const certificate = authority.issue('backend', ['IP:127.0.0.1']);
  ports['clear'] = await listening(answering(createServer(), 'clear'));
  ports['secret'] = await listening(answering(createSecureServer(certificate), 'secret'));
  ports['old'] = await listening(createHttps(certificate, (_request, response) => response.end('old')));
  plain = await RawBackend.start((_request, reply) => reply.send(200, [], 'plain'));
  router = await startRouter(routes(true));
});

afterAll(async () => {
  await router?.stop();
  for (const server of servers) server.close();
  await plain?.stop();
  authority?.remove();
});

describe('http2: true', () => {
  it('is h2c with http', async () => {
    const answer = await ask(router.port, get('/clear/a?b'));
    expect([answer.status, answer.text]).toEqual([200, 'clear /clear/a?b']);
    expect(answer.header('x-scheme')).toBe('http');
  });

  it('is h2 with https', async () => {
    const answer = await ask(router.port, get('/secret/a'));
    expect([answer.status, answer.text]).toEqual([200, 'secret /secret/a']);
    expect(answer.header('x-scheme')).toBe('https');
  });

  it('is what its health checks speak', async () => {
    await until(
      () => checked['clear'] ?? 0,
      (count) => count > 2,
    );
    expect(await router.metric('banyan_backend_endpoints', { backend: 'clear', state: 'available' })).toBe(1);
  });

  it('is shown', async () => {
    const view = (await (await fetch(`${router.adminUrl}/api/backends`)).json()) as {
      backends: { name: string; endpoints: { protocol: string }[] }[];
    };
    const spoken = view.backends.map(({ name, endpoints }) => [
      name,
      endpoints.map(({ protocol }) => protocol),
    ]);
    expect(spoken).toEqual([
      ['legacy', ['http/1.1']],
      ['clear', ['h2c']],
      ['secret', ['h2']],
      ['old', ['h2']],
      ['plain', ['h2c']],
    ]);
    expect(await router.metric('banyan_backend_info', { backend: 'secret', protocol: 'h2' })).toBe(1);
    expect(await router.metric('banyan_backend_info', { backend: 'legacy', protocol: 'http/1.1' })).toBe(1);
  });
});

describe('a backend that does not speak it', () => {
  it.each([
    ['old', 'tls'],
    ['plain', 'bad_response'],
  ])('%s: %s, and a warning', async (name, failure) => {
    const answer = await ask(router.port, get(`/${name}`));
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text)).toMatchObject({ failure });
    const line = await router.log((one) => one['backend'] === name && /http2: true/.test(String(one['msg'])));
    expect(line['detail']).toContain('does not speak HTTP/2');
    expect(line['endpoint']).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('is asked over HTTP/1.1 as soon as the file says so', async () => {
    await router.edit(routes(false));
    const answer = await ask(router.port, get('/plain'));
    expect([answer.status, answer.text]).toEqual([200, 'plain']);
  });
});
