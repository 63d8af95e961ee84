import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawBackend } from '../support/raw-backend.ts';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { chunked } from '../support/raw-message.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, within } from '../support/until.ts';

/** The order of things within a connection: early answers, Expect, pipelining, HTTP/1.0. */

let backend: RawBackend;
let router: RunningRouter;

beforeAll(async () => {
  backend = await RawBackend.start(() => {});
  router = await startRouter(`legacy: ${backend.url}\n`);
});

afterAll(async () => {
  await router.stop('SIGKILL');
  await backend.stop();
});

describe('a backend that answers in the middle of an upload', () => {
  const PIECE = Buffer.alloc(64 * 1024, 'u');

  it.each([
    ['and reads on', 'reads'],
    ['and ends its side', 'ends'],
    ['and closes at once, with bytes unread', 'closes'],
  ])('%s: the client sees that answer, and the next exchange is unharmed', async (_, how) => {
    for (let round = 0; round < 15; round++) {
      backend.use((request, reply) => {
        if (request.method === 'GET') return reply.send(200, [], request.target);
        reply.send(413, how === 'reads' ? [] : ['Connection: close'], 'too much');
        if (how === 'ends') reply.end();
        else if (how === 'closes') reply.socket.destroySoon();
      });
      const client = await RawClient.connect(router.port);
      client.send(`POST /upload HTTP/1.1\r\nHost: shop\r\nContent-Length: ${300 * PIECE.length}\r\n\r\n`);
      const sending = client.sendSlowly(Array.from({ length: 300 }, () => PIECE));
      const answer = await within(5_000, 'the early answer', client.readAnswer('POST'));
      expect([answer.status, answer.text, answer.complete]).toEqual([413, 'too much', true]);
      client.destroy();
      await sending;
      const next = await ask(router.port, get(`/next/${round}`));
      expect([next.status, next.text]).toEqual([200, `/next/${round}`]);
    }
  });

  it('to a small upload: the client’s connection goes on', async () => {
    backend.use((request, reply) => reply.send(request.method === 'POST' ? 409 : 200, [], request.target));
    const client = await RawClient.connect(router.port);
    client.send('POST /early HTTP/1.1\r\nHost: shop\r\nContent-Length: 6\r\n\r\nfir');
    expect((await client.readAnswer('POST')).status).toBe(409);
    client.send(`st.${get('/then')}`);
    expect((await client.readAnswer()).text).toBe('/then');
    client.destroy();
  });
});

describe('Expect: 100-continue', () => {
  const HEAD = 'POST /expect HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n';

  it('goes to the backend, whose 100 comes back; only then is the body sent', async () => {
    const from = backend.requests.length;
    let asked: () => void = () => {};
    backend.use(async (request, reply) => {
      await new Promise<void>((resolve) => {
        asked = resolve;
      });
      reply.write('HTTP/1.1 100 Continue\r\n\r\n');
      reply.send(200, [], await request.body());
    });
    const client = await RawClient.connect(router.port);
    client.send(HEAD);
    const request = await backend.request(from);
    expect(request.header('expect')).toBe('100-continue');
    expect(client.socket.bytesRead).toBe(0);
    asked();
    expect((await client.readHead()).status).toBe(100);
    client.send('body');
    const answer = await client.readAnswer('POST');
    expect([answer.status, answer.text, answer.informational.length]).toEqual([200, 'body', 0]);
    client.destroy();
  });

  it('is answered by the router after a second of silence', async () => {
    backend.use(async (request, reply) => reply.send(200, [], await request.body()));
    const client = await RawClient.connect(router.port);
    const from = performance.now();
    client.send(HEAD);
    expect((await client.readHead()).status).toBe(100);
    const tookMs = performance.now() - from;
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(1_600);
    client.send('body');
    expect((await client.readAnswer('POST')).text).toBe('body');
    client.destroy();
  });

  it('refused: the client sees that, and no byte of its body reaches the backend', async () => {
    const from = backend.requests.length;
    backend.use((_, reply) => {
      reply.takeOver();
      reply.send(417, ['Connection: close'], 'no');
    });
    const client = await RawClient.connect(router.port);
    client.send(HEAD);
    const answer = await client.readAnswer('POST');
    expect([answer.status, answer.text, answer.informational.length]).toEqual([417, 'no', 0]);
    expect((await backend.request(from)).received).toBe(0);
    client.destroy();
  });

  it('whose client does not wait is served all the same', async () => {
    backend.use(async (request, reply) => reply.send(200, [], await request.body()));
    const answer = await ask(router.port, `${HEAD}body`);
    expect([answer.status, answer.text]).toEqual([200, 'body']);
  });
});

describe('pipelined requests', () => {
  it('are answered in order, and sent to the backend one after the other', async () => {
    let inFlight = 0;
    let most = 0;
    const order: string[] = [];
    backend.use(async (request, reply) => {
      most = Math.max(most, ++inFlight);
      order.push(`${request.method} ${request.target}`);
      const body = await request.body();
      await sleep(request.target === '/0' ? 60 : 5);
      inFlight -= 1;
      reply.send(200, [], `${request.target}:${body}`);
    });
    const client = await RawClient.connect(router.port);
    const all = Array.from({ length: 8 }, (_, i) =>
      i % 3 === 0 ? post(`/${i}`, `body ${i}`) : get(`/${i}`),
    );
    client.send(all.join(''));
    for (let i = 0; i < 8; i++) {
      expect((await client.readAnswer()).text).toBe(`/${i}:${i % 3 === 0 ? `body ${i}` : ''}`);
    }
    expect(most).toBe(1);
    expect(order).toEqual(Array.from({ length: 8 }, (_, i) => `${i % 3 === 0 ? 'POST' : 'GET'} /${i}`));
    client.destroy();
  });

  it('behind one that cannot be read: those before it are answered, it gets 400, those after it nothing', async () => {
    const from = backend.requests.length;
    backend.use(async (request, reply) => {
      await sleep(30);
      reply.send(200, [], request.target);
    });
    const client = await RawClient.connect(router.port);
    client.send(`${get('/good')}GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n${get('/after')}`);
    expect((await client.readAnswer()).text).toBe('/good');
    expect((await client.readAnswer()).status).toBe(400);
    expect(await client.reader.rest()).toHaveLength(0);
    expect(backend.requests.slice(from).map(({ target }) => target)).toEqual(['/good']);
    client.destroy();
  });
});

describe('HTTP/1.0', () => {
  it('gets no chunks and no 1xx: the body ends with the connection', async () => {
    backend.use((_, reply) => {
      reply.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      reply.write(
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(['abc', 'def'], ['X-Sum', '1'])}`,
      );
    });
    const answer = await ask(router.port, 'GET / HTTP/1.0\r\n\r\n');
    expect(answer).toMatchObject({
      status: 200,
      text: 'abcdef',
      framing: 'close',
      informational: [],
      complete: true,
    });
    expect(answer.header('transfer-encoding')).toBe(undefined);
  });

  it('may keep its connection, if it asks for that', async () => {
    backend.use((request, reply) => reply.send(200, [], request.target));
    const client = await RawClient.connect(router.port);
    for (const target of ['/1', '/2']) {
      client.send(`GET ${target} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
      const answer = await client.readAnswer();
      expect([answer.text, answer.header('connection')]).toEqual([target, 'keep-alive']);
    }
    client.send('GET /3 HTTP/1.0\r\n\r\n');
    expect((await client.readAnswer()).text).toBe('/3');
    expect(await client.closed()).toBe('end');
  });

  it('a broken answer that ends with the connection is broken by a reset', async () => {
    // Ended only when the client has read what came: libuv tells data with a reset behind it as an ordinary end.
    let breakOff = (): void => {};
    backend.use((_, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
      breakOff = () => reply.end();
    });
    const client = await RawClient.connect(router.port);
    client.send('GET / HTTP/1.0\r\n\r\n');
    await client.readHead();
    expect((await client.reader.exactly(3)).toString()).toBe('abc');
    breakOff();
    expect(await client.closed()).toBe('reset');
  });
});

describe('the backend’s connection', () => {
  it('is used again when it may be, and never with bytes left over', async () => {
    backend.use((request, reply) => reply.send(200, [], request.target));
    for (let i = 0; i < 5; i++) await ask(router.port, get(`/same/${i}`));
    const [first, ...others] = backend.requests.slice(-5);
    expect(others.every(({ connection }) => connection === first!.connection)).toBe(true);
    // A second answer behind the first is nobody's.
    backend.use((_, reply) => {
      reply.send(200, [], 'mine');
      reply.send(200, [], 'poison');
    });
    expect((await ask(router.port, get('/poisoned'))).text).toBe('mine');
    backend.use((request, reply) => reply.send(200, [], request.target));
    for (let i = 0; i < 5; i++) expect((await ask(router.port, get(`/clean/${i}`))).text).toBe(`/clean/${i}`);
    expect(backend.requests.at(-1)!.connection).not.toBe(first!.connection);
  });

  it('that died while idle costs a GET nothing, and is not offered a POST that it might lose', async () => {
    backend.use((request, reply) => reply.send(200, [], request.target));
    for (let i = 0; i < 10; i++) {
      await ask(router.port, get('/warm'));
      backend.resetAll();
      expect((await ask(router.port, get(`/again/${i}`))).status).toBe(200);
    }
  });
});
