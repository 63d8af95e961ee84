import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Script } from '../support/raw-backend.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { until } from '../support/until.ts';
import { type BenchOptions, ForwardBench } from './forward-bench.ts';

const open: { stop(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function backendWith(script: Script): Promise<RawBackend> {
  const backend = await RawBackend.start(script);
  open.push(backend);
  return backend;
}

function benchFor(backends: readonly RawBackend[], options: BenchOptions = {}): ForwardBench {
  const bench = new ForwardBench(backends, options);
  open.unshift({ stop: () => bench.close() });
  return bench;
}

/** A port that nothing listens on. */
async function deadPort(): Promise<number> {
  const backend = await RawBackend.start(() => {});
  const { port } = backend;
  await backend.stop();
  return port;
}

describe('an attempt that failed', () => {
  it('is told with its endpoint and what exactly happened', async () => {
    const backend = await backendWith((_request, reply) =>
      reply.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
    );
    const bench = benchFor([backend]);
    await bench.send();
    const endpoint = `127.0.0.1:${backend.port}`;
    const detail = 'more than one Content-Length';
    expect(bench.failedAttempts).toEqual([
      {
        requestId: bench.outcomes[0]?.requestId,
        backend: 'orders',
        endpoint,
        failure: 'bad_response',
        detail,
      },
    ]);
  });
});

describe('an answer', () => {
  it('comes back with its fields in order, its body and its trailers', async () => {
    const backend = await backendWith((_request, reply) => {
      reply.write(
        'HTTP/1.1 201 Made\r\nX-One: 1\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n',
      );
      reply.write('3\r\nabc\r\n0\r\nT: end\r\nContent-Length: 7\r\n\r\n');
    });
    const bench = benchFor([backend]);
    const { answer } = await bench.send();
    expect(answer.headOfAnswer).toEqual({
      status: 201,
      reason: 'Made',
      headers: ['X-One', '1', 'set-cookie', 'a=1', 'Set-Cookie', 'b=2', 'Trailer', 'T'],
      bodyLength: null,
    });
    expect(answer.text).toBe('abc');
    expect(answer.trailers).toEqual(['T', 'end']);
    expect(bench.outcomes[0]).toMatchObject({
      status: 201,
      failure: null,
      attempts: 1,
      bytesOut: 3,
      backend: 'orders',
    });
    expect(bench.endpoints.inFlight).toBe(0);
  });

  it('leaves the connection for the next request', async () => {
    const backend = await backendWith((_request, reply) => reply.send(200, [], 'x'));
    const bench = benchFor([backend]);
    for (let i = 0; i < 5; i++) await bench.send();
    expect(backend.connections).toBe(1);
  });

  it.each([
    ['says close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx'],
    [
      'sends more than it said',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    ],
    ['is of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'],
  ])('that %s ends its connection, and the next request gets its own', async (_what, bytes) => {
    const backend = await backendWith((_request, reply) => reply.write(bytes));
    const bench = benchFor([backend]);
    expect((await bench.send()).answer.text).toBe('x');
    expect((await bench.send()).answer.text).toBe('x');
    expect(backend.connections).toBe(2);
  });

  it('that speaks up on an idle connection is nobody’s answer', async () => {
    const backend = await backendWith((_request, reply) => {
      reply.send(200, [], 'first');
      setTimeout(() => reply.socket.writable && reply.send(200, [], 'stray'), 20);
    });
    const bench = benchFor([backend]);
    await bench.send();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await bench.send()).answer.text).toBe('first');
    expect(backend.connections).toBe(2);
  });

  it('that is read slowly by its client is read slowly from the backend', async () => {
    const piece = 'x'.repeat(65536);
    let written = 0;
    const backend = await backendWith((_request, reply) => {
      reply.write(`HTTP/1.1 200 OK\r\nContent-Length: ${piece.length * 1000}\r\n\r\n`);
      const more = (): void => {
        while (written < 1000 && reply.socket.writable) {
          written += 1;
          if (!reply.socket.write(piece)) {
            reply.socket.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    const bench = benchFor([backend]);
    const exchange = bench.start();
    exchange.answer.isSlow = true;
    await exchange.answer.until(() => exchange.answer.text.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written).toBeLessThan(300);
    exchange.answer.isSlow = false;
    exchange.answer.onDrain?.();
    await exchange.answer.over;
    expect(exchange.answer.text.length).toBe(piece.length * 1000);
  });
});

describe('a broken backend', () => {
  it.each([
    ['refuses', null, 'connect_refused', 502],
    ['closes without a word', (r: { end(): void }) => r.end(), 'reset', 502],
    ['resets', (r: { reset(): void }) => r.reset(), 'reset', 502],
    ['talks nonsense', (r: { write(s: string): void }) => r.write('nonsense\r\n\r\n'), 'bad_response', 502],
    [
      'closes within its head',
      (r: { write(s: string): void; end(): void }) => {
        r.write('HTTP/1.1 200 OK\r\nA');
        r.end();
      },
      'reset',
      502,
    ],
  ] as const)('that %s: %s', async (_what, script, failure, status) => {
    const backend = script === null ? null : await backendWith((_request, reply) => script(reply as never));
    const bench = benchFor(
      backend === null ? [] : [backend],
      backend === null ? { ports: [await deadPort()] } : {},
    );
    const { answer } = await bench.send();
    expect(answer.failure).toBe(failure);
    expect(answer.status).toBe(status);
    expect(bench.outcomes).toHaveLength(1);
    expect(bench.outcomes[0]).toMatchObject({ status, failure });
    expect(bench.attempts.map((attempt) => attempt.result)).toEqual([failure]);
    expect(bench.endpoints.inFlight).toBe(0);
  });

  it.each([
    ['counted', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('that dies within a %s body cuts the client’s answer', async (_what, bytes) => {
    const backend = await backendWith((_request, reply) => {
      reply.write(bytes);
      reply.end();
    });
    const bench = benchFor([backend]);
    const { answer } = await bench.send();
    expect(answer.wasCut).toBe(true);
    expect(answer.trailers).toBeNull();
    expect(bench.outcomes[0]).toMatchObject({ status: 200, failure: 'reset' });
  });

  it('that hangs is given up after `response`, and its connection closed', async () => {
    const backend = await backendWith(() => new Promise(() => {}));
    const bench = benchFor([backend], {
      backend: { timeouts: { connectMs: 1000, responseMs: 80, idleMs: 0 } },
    });
    const { answer } = await bench.send();
    expect(answer.failure).toBe('response_timeout');
    expect(answer.status).toBe(504);
    await (await backend.request(0)).gone;
  });

  it('that falls silent within a body is given up after `idle`', async () => {
    const backend = await backendWith((_request, reply) =>
      reply.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'),
    );
    const bench = benchFor([backend], {
      backend: { timeouts: { connectMs: 1000, responseMs: 1000, idleMs: 80 } },
    });
    const { answer } = await bench.send();
    expect(answer.wasCut).toBe(true);
    expect(bench.outcomes[0]?.failure).toBe('idle_timeout');
  });

  it('may be silent as long as it likes within an event stream', async () => {
    const backend = await backendWith((_request, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n');
      setTimeout(() => reply.end(), 250);
    });
    const bench = benchFor([backend], {
      backend: { timeouts: { connectMs: 1000, responseMs: 1000, idleMs: 50 } },
    });
    const { answer } = await bench.send();
    expect(answer.trailers).toEqual([]);
    expect(bench.outcomes[0]).toMatchObject({ failure: null, eventStream: true });
  });

  it('that takes no bytes of an upload is given up after `idle`', async () => {
    const backend = await backendWith((_request, reply) => {
      reply.socket.pause();
      return new Promise(() => {});
    });
    const body = Array.from({ length: 400 }, () => 'x'.repeat(65536));
    const bench = benchFor([backend], {
      backend: { timeouts: { connectMs: 1000, responseMs: 0, idleMs: 150 } },
    });
    const { answer } = await bench.send({ method: 'POST', body });
    expect(answer.failure).toBe('idle_timeout');
    expect(answer.status).toBe(504);
  });
});

describe('sending again', () => {
  /** Serves one request a connection, and resets it at the second. */
  const oneEach: Script = (request, reply) => {
    if (request.sequence === 0) reply.send(200, [], `connection ${request.connection}`);
    else reply.reset();
  };

  it('a GET whose reused connection dies unanswered goes to a fresh one', async () => {
    const backend = await backendWith(oneEach);
    const bench = benchFor([backend]);
    await bench.send();
    expect((await bench.send()).answer.text).toBe('connection 1');
    expect(bench.outcomes[1]).toMatchObject({ status: 200, attempts: 2 });
    expect(bench.attempts.map(({ purpose, result }) => [purpose, result])).toEqual([
      ['serve', 200],
      ['serve', 'reset'],
      ['resend', 200],
    ]);
  });

  it('a POST does not', async () => {
    const backend = await backendWith(oneEach);
    const bench = benchFor([backend]);
    await bench.send();
    const { answer } = await bench.send({ method: 'POST', body: ['write'] });
    expect(answer.failure).toBe('reset');
    expect(backend.requests).toHaveLength(2);
  });

  it('a PUT that its route calls repeatable does, with its whole body', async () => {
    const backend = await backendWith(async (request, reply) => {
      const body = await request.body();
      if (request.sequence === 0) reply.send(200, [], body);
      else reply.reset();
    });
    const bench = benchFor([backend], { policy: { repeatable: ['GET', 'PUT'] } });
    await bench.send();
    expect((await bench.send({ method: 'PUT', body: ['all ', 'of ', 'it'] })).answer.text).toBe('all of it');
  });

  it('a POST finds a fresh connection when the idle one was closed, though nobody has looked yet', async () => {
    const backend = await backendWith((_request, reply) => reply.send(200, [], 'ok'));
    const bench = benchFor([backend]);
    for (let i = 0; i < 20; i++) {
      await bench.send();
      backend.resetAll();
      const { answer } = await bench.send({ method: 'POST', body: ['write'] });
      expect(answer.text).toBe('ok');
    }
  });

  it('a GET whose fresh connection dies unanswered goes to another endpoint, if there is one; a POST does not', async () => {
    const dying = await backendWith((_request, reply) => reply.reset());
    const backend = await backendWith((_request, reply) => reply.send(200, [], 'ok'));
    const bench = benchFor([dying, backend]);
    expect((await bench.send()).answer.text).toBe('ok');
    expect((await bench.send({ method: 'POST', body: ['x'] })).answer.failure).toBe('reset');
    expect(dying.requests).toHaveLength(2);
  });

  it('an address that goes away while it is connected to is not waited for', async () => {
    // It accepts, and never shakes hands.
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    open.push({ stop: () => void silent.close() });
    const { port } = silent.address() as AddressInfo;
    const bench = benchFor([], {
      ports: [port],
      backend: {
        urls: [{ secure: true, host: 'orders', port, basePath: '' }],
        timeouts: { connectMs: 0, responseMs: 0, idleMs: 0 },
      },
    });
    const exchange = bench.start();
    setTimeout(() => bench.endpoints.removeAll(), 20);
    await exchange.answer.over;
    expect(exchange.answer.failure).toBe('connect_refused');
  });

  it('a fresh connection that dies is not tried again where nothing is held', async () => {
    const backend = await backendWith((_request, reply) => reply.reset());
    const bench = benchFor([backend]);
    expect((await bench.send()).answer.failure).toBe('reset');
    expect(backend.requests).toHaveLength(1);
  });

  describe('where there is no other endpoint', () => {
    const held = { backend: { holdWhileDownMs: 5_000 } };

    it('a GET whose fresh connection dies waits until it may be back, and is sent once more', async () => {
      const backend = await backendWith((request, reply) =>
        request.connection === 0 ? reply.reset() : reply.send(200, [], 'back'),
      );
      const bench = benchFor([backend], held);
      expect((await bench.send()).answer.text).toBe('back');
      expect(bench.attempts.map(({ purpose, result }) => [purpose, result])).toEqual([
        ['serve', 'reset'],
        ['resend', 200],
      ]);
    });

    it('a container that is killed: its connections break, then it is not there, then it is back', async () => {
      const backend = await backendWith((_request, reply) => {
        void backend.stop();
        reply.reset();
      });
      const { port } = backend;
      const bench = benchFor([backend], held);
      const exchange = bench.start();
      await until(
        () => bench.endpoints.failed.length,
        (count) => count > 1,
      );
      open.push(await RawBackend.start((_request, reply) => reply.send(200, [], 'back'), port));
      await exchange.answer.over;
      expect(exchange.answer.text).toBe('back');
    });

    it('once: what breaks its endpoint again gets no third chance', async () => {
      const backend = await backendWith((_request, reply) => reply.reset());
      const { answer } = await benchFor([backend], held).send();
      expect(answer.failure).toBe('reset');
      expect(backend.requests).toHaveLength(2);
    });

    it('not a POST', async () => {
      const backend = await backendWith((_request, reply) => reply.reset());
      const { answer } = await benchFor([backend], held).send({ method: 'POST', body: ['x'] });
      expect(answer.failure).toBe('reset');
      expect(backend.requests).toHaveLength(1);
    });

    it('not an answer that had begun', async () => {
      const backend = await backendWith((_request, reply) => {
        reply.write('HTTP/1.1 200 OK\r\nX-');
        reply.reset();
      });
      expect((await benchFor([backend], held).send()).answer.failure).toBe('reset');
      expect(backend.requests).toHaveLength(1);
    });

    it('however many were broken off at once', async () => {
      const broken = new Set<string>();
      const backend = await backendWith(({ target }, reply) => {
        if (broken.has(target)) reply.send(200, [], 'back');
        else reply.reset();
        broken.add(target);
      });
      const bench = benchFor([backend], held);
      const all = Array.from({ length: 200 }, (_, i) => bench.start({ target: `/${i}` }));
      await Promise.all(all.map(({ answer }) => answer.over));
      expect(all.filter(({ answer }) => answer.text !== 'back')).toEqual([]);
      expect(backend.requests).toHaveLength(400);
    });
  });

  it('an endpoint that refuses leads to the next, for any method, and the body is whole', async () => {
    const backend = await backendWith(async (request, reply) => reply.send(200, [], await request.body()));
    const bench = benchFor([backend], { ports: [await deadPort(), backend.port] });
    const { answer } = await bench.send({ method: 'POST', body: ['order ', '1'] });
    expect(answer.text).toBe('order 1');
    expect(bench.outcomes[0]?.attempts).toBe(2);
    expect(bench.endpoints.failed).toHaveLength(1);
  });

  it('a backend that is being recreated is waited for', async () => {
    const port = await deadPort();
    const bench = benchFor([], { ports: [port], backend: { holdWhileDownMs: 5000 } });
    const exchange = bench.start({ method: 'POST', body: ['patience'] });
    const backend = await RawBackend.start(
      async (request, reply) => reply.send(200, [], await request.body()),
      port,
    );
    open.push(backend);
    await exchange.answer.over;
    expect(exchange.answer.text).toBe('patience');
  });

  it('by many, of whom one at a time tries: no storm', async () => {
    const port = await deadPort();
    const bench = benchFor([], { ports: [port], backend: { holdWhileDownMs: 5000 } });
    const waiting = Array.from({ length: 100 }, () => bench.start());
    await new Promise((resolve) => setTimeout(resolve, 650));
    expect(bench.attempts.length).toBeLessThan(115);
    const backend = await RawBackend.start((_request, reply) => reply.send(200, [], 'ok'), port);
    open.push(backend);
    await Promise.all(waiting.map(({ answer }) => answer.over));
    expect(waiting.map(({ answer }) => answer.text)).toEqual(Array.from({ length: 100 }, () => 'ok'));
  });

  it('until `hold_while_down` is over: then the connect failure is the failure', async () => {
    const bench = benchFor([], { ports: [await deadPort()], backend: { holdWhileDownMs: 250 } });
    const { answer } = await bench.send();
    expect(answer.failure).toBe('connect_refused');
    expect(bench.attempts.length).toBeGreaterThan(1);
  });

  it('the deadline is over all of it', async () => {
    const bench = benchFor([], {
      ports: [await deadPort()],
      backend: { holdWhileDownMs: 5000 },
      policy: { deadlineMs: 120 },
    });
    const { answer } = await bench.send();
    expect(answer.failure).toBe('deadline');
    expect(answer.status).toBe(504);
  });
});

it('the deadline is for the answer to begin: what streams on goes on', async () => {
  const backend = await backendWith((_request, reply) => {
    reply.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc');
    setTimeout(() => reply.write('def'), 150);
  });
  const bench = benchFor([backend], { policy: { deadlineMs: 80 } });
  expect((await bench.send()).answer.text).toBe('abcdef');
});

describe('a body', () => {
  it.each([
    ['by length', undefined, 'content-length', '6'],
    ['chunked', null, 'transfer-encoding', 'chunked'],
  ] as const)('arrives whole, %s', async (_how, length, name, value) => {
    const backend = await backendWith(async (request, reply) => reply.send(200, [], await request.body()));
    const bench = benchFor([backend]);
    const headers = length === null ? ['Host', 'shop.test'] : ['Host', 'shop.test', 'Content-Length', '6'];
    const { answer } = await bench.send({
      method: 'POST',
      headers,
      body: ['one', 'two'],
      trailers: length === null ? ['T', 'x'] : [],
      ...(length === undefined ? {} : { length }),
    });
    expect(answer.text).toBe('onetwo');
    expect(backend.requests[0]?.headerValues(name)).toEqual([value]);
    expect(backend.requests[0]?.trailers).toEqual(length === null ? ['T', 'x'] : []);
    expect(bench.outcomes[0]?.bytesIn).toBe(6);
  });

  it('over `max_body` is refused before a backend hears of it', async () => {
    const backend = await backendWith((_request, reply) => reply.send(200));
    const bench = benchFor([backend], { policy: { maxBody: 5 } });
    const exchange = await bench.send({ method: 'POST', body: ['too long'] });
    expect(exchange.answer.failure).toBe('body_too_large');
    expect(exchange.body.wasRead).toBe(false);
    expect(backend.requests).toHaveLength(0);
  });

  it('over `max_body` that did not say so is stopped when it gets there', async () => {
    const backend = await backendWith(async (request, reply) => {
      await request.body();
      reply.send(200);
    });
    const bench = benchFor([backend], { policy: { maxBody: 5 } });
    const { answer } = await bench.send({ method: 'POST', body: ['1234', '56'], length: null });
    expect(answer.failure).toBe('body_too_large');
    expect(answer.status).toBe(413);
  });

  it('that is answered before its end: the client gets the answer, and the connection is not used again', async () => {
    const backend = await backendWith((request, reply) => {
      if (request.method === 'POST') reply.send(413, [], 'enough');
      else reply.send(200, [], 'ok');
    });
    const bench = benchFor([backend]);
    const exchange = bench.start({ method: 'POST', body: ['much'], length: 1000, holdBody: true });
    await exchange.answer.over;
    expect(exchange.answer.text).toBe('enough');
    expect((await bench.send()).answer.text).toBe('ok');
    expect(backend.connections).toBe(2);
  });

  it('is not read before the backend asks for it, when the client expects 100', async () => {
    const backend = await backendWith(async (request, reply) => {
      expect(request.header('expect')).toBe('100-continue');
      reply.write('HTTP/1.1 100 Continue\r\n\r\n');
      reply.send(200, [], await request.body());
    });
    const bench = benchFor([backend]);
    const headers = ['Host', 'shop.test', 'Content-Length', '3', 'Expect', '100-continue'];
    const { answer } = await bench.send({ method: 'PUT', headers, body: ['now'], expectsContinue: true });
    expect(answer.informationals.map(({ status }) => status)).toEqual([100]);
    expect(answer.text).toBe('now');
  });

  it('is asked for by the router after a second, when the backend says nothing', async () => {
    const backend = await backendWith(async (request, reply) => reply.send(200, [], await request.body()));
    const bench = benchFor([backend]);
    const { answer } = await bench.send({ method: 'PUT', body: ['late'], expectsContinue: true });
    expect(answer.informationals.map(({ status }) => status)).toEqual([100]);
    expect(answer.text).toBe('late');
  });

  it('is never read when the backend refuses instead of 100', async () => {
    const backend = await backendWith((_request, reply) => reply.send(417, [], 'no'));
    const bench = benchFor([backend]);
    const exchange = await bench.send({ method: 'PUT', body: ['x'], expectsContinue: true });
    expect(exchange.answer.status).toBe(417);
    expect(exchange.body.wasRead).toBe(false);
  });
});

describe('a client that leaves', () => {
  it('before the head cancels the backend’s work', async () => {
    const backend = await backendWith(() => new Promise(() => {}));
    const bench = benchFor([backend]);
    const exchange = bench.start();
    const request = await backend.request(0);
    exchange.leave();
    await request.gone;
    expect(bench.outcomes[0]).toMatchObject({ status: 499, failure: 'client_closed' });
    expect(bench.endpoints.inFlight).toBe(0);
  });

  it('while it waits for a place gives the place up', async () => {
    const backend = await backendWith((request, reply) => {
      if (request.target === '/slow') return new Promise(() => {});
      reply.send(200, [], 'ok');
    });
    const bench = benchFor([backend], { backend: { maxInFlight: 1, queueMs: 5000 } });
    const first = bench.start({ target: '/slow' });
    await backend.request(0);
    const second = bench.start();
    second.leave();
    first.leave();
    expect((await bench.send()).answer.text).toBe('ok');
    expect(bench.outcomes.map(({ status }) => status)).toEqual([499, 499, 200]);
  });
});

it('above max_in_flight, and no queue: 503', async () => {
  const backend = await backendWith(() => new Promise(() => {}));
  const bench = benchFor([backend], { backend: { maxInFlight: 1, queueMs: 0 } });
  bench.start();
  await backend.request(0);
  const { answer } = await bench.send();
  expect(answer.failure).toBe('over_capacity');
  expect(answer.status).toBe(503);
});
