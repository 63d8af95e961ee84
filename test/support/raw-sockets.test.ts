import { describe, expect, it } from 'vitest';
import { RawBackend } from './raw-backend.ts';
import { ask, get, post, RawClient } from './raw-client.ts';
import { chunked } from './raw-message.ts';

describe('raw client and backend', () => {
  it('show each other the bytes that were sent', async () => {
    const backend = await RawBackend.start(async (request, reply) => {
      await request.body();
      reply.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      reply.write(
        `HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(['ab', 'c'], ['T', 'x'])}`,
      );
    });
    const client = await RawClient.connect(backend.port);
    client.send(post('/a', 'hello'));
    const answer = await client.readAnswer('POST');
    expect(answer).toMatchObject({
      status: 200,
      text: 'abc',
      chunks: [2, 1],
      trailers: ['T', 'x'],
      complete: true,
    });
    expect(answer.informational).toEqual([
      { version: 'HTTP/1.1', status: 103, reason: 'Early Hints', headers: ['Link', '</a>'] },
    ]);
    expect(answer.headerValues('x-a')).toEqual(['1', '2']);
    client.send(get('/b'));
    await client.readAnswer();
    expect(backend.requests.map((request) => [request.target, request.sequence])).toEqual([
      ['/a', 0],
      ['/b', 1],
    ]);
    expect((await backend.requests[0]!.body()).toString()).toBe('hello');
    client.destroy();
    await backend.stop();
  });

  it('tell a whole answer from a broken one', async () => {
    const backend = await RawBackend.start((_request, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      reply.end();
    });
    expect(await ask(backend.url, get('/'))).toMatchObject({ complete: false, reset: false, text: 'half' });
    backend.use((_request, reply) => {
      reply.write('HTTP/1.1 200 OK\r\n\r\nhalf');
      setTimeout(() => reply.reset(), 50);
    });
    expect(await ask(backend.url, get('/'))).toMatchObject({ complete: false, reset: true, text: 'half' });
    await backend.stop();
  });
});
