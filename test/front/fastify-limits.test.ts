import { describe, expect, it } from 'vitest';
import { createFastifyFront } from '../../src/front/fastify-front.ts';
import { get } from '../support/raw-client.ts';
import { respond } from './contract/front-bench.ts';
import { withFront } from './contract/with-front.ts';

const HOST = 'Host: a\r\n\r\n';

describe('fastify front', () => {
  const bench = withFront(createFastifyFront);

  it('sends each plain request through fastify and @fastify/http-proxy', async () => {
    let stack = '';
    bench().use((exchange) => {
      stack = new Error('here').stack ?? '';
      respond(exchange);
    });
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    const client = await bench().client();
    client.send(get('/'));
    await client.readAnswer();
    Error.stackTraceLimit = limit;
    for (const part of ['fastify/lib/', '@fastify/http-proxy/', '@fastify/reply-from/'])
      expect(stack).toContain(part);
  });

  // The table in docs/fronts.md: what node:http decides. A test that fails here means that it changed its mind.
  it.each([
    ['an unknown method', `BREW / HTTP/1.1\r\n${HOST}`, 400],
    ['a method in lower case', `get / HTTP/1.1\r\n${HOST}`, 400],
    ['raw UTF-8 in the target', `GET /caf\xc3\xa9 HTTP/1.1\r\n${HOST}`, 400],
    ['HTTP/1.2', `GET / HTTP/1.2\r\n${HOST}`, 505],
    ['no version', 'GET /\r\n\r\n', 505],
    ['two spaces before the target', `GET  / HTTP/1.1\r\n${HOST}`, 200],
    ['empty lines before a request', `\r\n\r\nGET / HTTP/1.1\r\n${HOST}`, 200],
    [
      'a chunk extension',
      `GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n001;a=b\r\nx\r\n0\r\n\r\n`,
      200,
    ],
  ])('has a limit: %s', async (_what, bytes, status) => {
    const client = await bench().client();
    client.send(bytes);
    expect((await client.readAnswer()).status).toBe(status);
    expect(bench().rejections.length).toBe(status === 200 ? 0 : 1);
  });
});
