import { describe, expect, it } from 'vitest';
import type { ClientExchange } from '../../../src/model/exchange.ts';
import {
  CODE,
  codeOf,
  data,
  FLAG,
  FRAME,
  getFields,
  headers,
  lastStreamOf,
  postFields,
  reset,
  statusOf,
} from '../../support/http2-frames.ts';
import { Http2RawClient } from '../../support/http2-raw-client.ts';
import { behave, seeded } from '../contract/churn.ts';
import { finished, gone, readBody, respond } from '../contract/front-bench.ts';
import { withHttp2 } from './http2-bench.ts';

describe('HTTP/2 front: requests', () => {
  const bench = withHttp2();

  it('have the head that they would have over HTTP/1.1', async () => {
    const client = await bench().raw();
    const fields = ['x-b', '1', 'cookie', 'a=1', 'x-b', '2', 'cookie', 'b=\xe9', 'accept', '*/*'];
    client.send(headers(1, getFields('/a/./b?c#'.slice(0, -1), fields)));
    const { head, traits, peer, upgrade, body } = await bench().front.exchange(0);
    expect(head).toMatchObject({ method: 'GET', target: '/a/./b?c', minorVersion: 1 });
    expect(head.headers).toEqual([
      ...['host', 'a.test', 'x-b', '1', 'cookie', 'a=1; b=\xe9', 'x-b', '2', 'accept', '*/*'],
    ]);
    expect(traits).toMatchObject({ host: 'a.test', path: '/a/./b', query: 'c' });
    expect(peer).toMatchObject({ address: '127.0.0.1', secure: false });
    expect([upgrade, body.length]).toEqual([null, 0]);
  });

  it.each([
    ['with a length', ['content-length', '5'], 5],
    ['without', [], null],
  ])('hand on a body %s, with its trailers', async (_what, fields, length) => {
    const bodies: unknown[] = [];
    bench().front.use(async (exchange) => {
      bodies.push(await readBody(exchange), exchange.body.length);
      respond(exchange);
    });
    const client = await bench().raw();
    client.send(
      headers(1, postFields('/', fields), FLAG.endHeaders),
      data(1, 'he'),
      data(1, 'llo'),
      headers(1, ['x-sum', '1', 'x-sum', '2']),
    );
    await client.frame(FRAME.headers, 1);
    const trailers = ['x-sum', '1', 'x-sum', '2'];
    expect(bodies).toEqual([{ text: 'hello', bytes: 5, trailers, failure: null }, length]);
  });

  it('wait for 100 if they say so', async () => {
    bench().front.use(async (exchange) => {
      expect(exchange.expectsContinue).toBe(true);
      exchange.answer.informational(100, 'Continue', []);
      respond(exchange, { body: (await readBody(exchange)).text });
    });
    const stream = bench().client().open({ ':method': 'POST', expect: '100-continue' }, true);
    await new Promise((resolve) => stream.once('continue', resolve));
    const body = new Promise((resolve) => stream.once('data', (bytes) => resolve(String(bytes))));
    stream.end('now');
    expect(await body).toBe('now');
  });

  it('that are given up are cancelled, once to each, and no other is', async () => {
    const said: string[] = [];
    bench().front.use((exchange) => {
      if (exchange.head.method === 'GET') return;
      exchange.body.read({
        chunk: () => {},
        end: () => said.push('end'),
        fail: (failure) => said.push(failure),
      });
      exchange.onClientGone = () => said.push('gone');
      exchange.answer.onFinish = () => said.push('finish');
    });
    const client = await bench().raw();
    client.send(headers(1, getFields()), headers(3, postFields(), FLAG.endHeaders), data(3, 'x'));
    await bench().front.exchange(1);
    client.send(reset(3));
    await expect.poll(() => said).toEqual(['client_closed', 'gone', 'finish']);
    respond(bench().front.exchanges[0]!, { body: 'still here' });
    expect(statusOf(await client.frame(FRAME.headers, 1))).toBe(200);
  });

  it('that are given up in the same breath are never begun, but counted', async () => {
    const client = await bench().raw();
    client.send(headers(1, getFields('/never')), headers(3, getFields('/served')), reset(1));
    expect(statusOf(await client.frame(FRAME.headers, 3))).toBe(200);
    expect(bench().front.exchanges.map(({ head }) => head.target)).toEqual(['/served']);
    expect(bench().front.rejections).toMatchObject([{ failure: 'client_closed', target: '/never' }]);
  });

  it('are all cancelled when the connection is gone', async () => {
    let lost = 0;
    bench().front.use((exchange) => {
      exchange.onClientGone = () => lost++;
    });
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const client = await bench().raw();
      client.send(headers(1, getFields()), headers(3, getFields()));
      const seen = bench().front.exchanges.length;
      await bench().front.exchange(seen + 1);
      client.socket[leave]();
    }
    await expect.poll(() => lost).toBe(4);
    await expect.poll(() => bench().front.front.connections).toBe(0);
  });

  it('that end in the middle of an answer do not hold its sender up', async () => {
    bench().front.use((exchange) => {
      exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
      exchange.answer.onDrain = () => exchange.answer.chunk(Buffer.alloc(100_000));
      while (exchange.answer.chunk(Buffer.alloc(100_000)));
    });
    const client = await bench().raw();
    client.send(headers(1, getFields()));
    const exchange = await bench().front.exchange(0);
    const left = Promise.all([gone(exchange), finished(exchange)]);
    await client.frame(FRAME.data, 1);
    client.send(reset(1));
    await left;
    expect(exchange.answer.chunk(Buffer.from('x'))).toBe(true);
    exchange.answer.end([]);
  });
});

describe('HTTP/2 front: drain', () => {
  const bench = withHttp2();

  it('finishes what is open, takes what was on its way, then closes', async () => {
    bench().front.use((exchange) => {
      if (exchange.head.target !== '/open') respond(exchange);
    });
    const client = await bench().raw();
    client.send(headers(1, getFields('/open')));
    const exchange = await bench().front.exchange(0);
    const drained = bench().front.front.drain();
    const notice = await client.frame(FRAME.goaway);
    expect([codeOf(notice), lastStreamOf(notice)]).toEqual([0, 0x7fff_ffff]);
    client.send(headers(3, getFields('/on-its-way')));
    expect(statusOf(await client.frame(FRAME.headers, 3))).toBe(200);
    await expect.poll(() => client.frames.filter(({ type }) => type === FRAME.goaway).length).toBe(2);
    expect(lastStreamOf(client.frames.filter(({ type }) => type === FRAME.goaway)[1]!)).toBe(3);
    // Too late: not served, and the client knows that it may ask again elsewhere.
    client.send(headers(5, postFields('/late'), FLAG.endHeaders), data(5, 'x', FLAG.endStream));
    respond(exchange, { body: 'last' });
    await client.closed();
    expect(client.bodyOf(1).toString()).toBe('last');
    expect(bench().front.exchanges.map(({ head }) => head.target)).toEqual(['/open', '/on-its-way']);
    client.socket.end();
    await drained;
  });

  it('loses no request of a client that knows HTTP/2', async () => {
    bench().front.use((exchange) => void setTimeout(() => respond(exchange, { body: 'ok' }), 20));
    const client = bench().client();
    const asked: ReturnType<typeof client.ask>[] = [];
    let mayAsk = true;
    client.session.on('goaway', () => {
      mayAsk = false;
    });
    const timer = setInterval(() => {
      if (mayAsk) asked.push(client.ask());
    }, 1);
    await bench().front.exchange(20);
    await bench().front.front.drain();
    clearInterval(timer);
    expect(asked.length).toBeGreaterThan(20);
    // What it had not sent yet when it heard of the end, node's client refuses by itself: that may be asked again.
    const answers = (await Promise.all(asked)).filter(({ code }) => code !== CODE.refusedStream);
    expect(answers.map(({ text }) => text)).toEqual(bench().front.exchanges.map(() => 'ok'));
  });

  it.each([
    ['cut', (exchange: ClientExchange) => exchange.answer.cut()],
    ['answered', (exchange: ClientExchange) => exchange.answer.end([])],
  ])('ends when the last stream was %s', async (_what, end) => {
    bench().front.use(() => {});
    const client = await bench().raw();
    client.send(headers(1, getFields()));
    const exchange = await bench().front.exchange(0);
    exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
    const drained = bench().front.front.drain();
    await expect.poll(() => client.frames.filter(({ type }) => type === FRAME.goaway).length).toBe(2);
    end(exchange);
    await client.closed();
    client.socket.end();
    await drained;
  });

  it('closes idle connections', async () => {
    const client = bench().client();
    await client.ask();
    const closed = new Promise((resolve) => client.session.once('close', resolve));
    await bench().front.front.drain();
    await closed;
  });
});

describe('HTTP/2 front: churn', () => {
  const bench = withHttp2();

  /** Frames of a few requests, some of them broken off, or nonsense. */
  function randomFrames(random: () => number): Buffer {
    const frames: Buffer[] = [];
    for (let id = 1; id < 2 + random() * 12; id += 2) {
      const choice = random();
      if (choice < 0.4) frames.push(headers(id, getFields('/')));
      else {
        frames.push(headers(id, postFields('/'), FLAG.endHeaders), data(id, 'x'.repeat(random() * 3000)));
        if (choice < 0.8) frames.push(data(id, 'end', FLAG.endStream));
      }
      if (random() < 0.2) frames.push(reset(id));
      if (random() < 0.03) frames.push(Buffer.alloc(20, 'z'));
    }
    return Buffer.concat(frames);
  }

  it('leaves nothing behind: every exchange ends once, every connection is let go', async () => {
    const random = seeded(7);
    const ends = new Map<object, number>();
    bench().front.use((exchange) => {
      ends.set(exchange, 0);
      exchange.answer.onFinish = () => ends.set(exchange, (ends.get(exchange) ?? 0) + 1);
      behave(exchange, random);
    });
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 30 }, async () => {
          const client = await Http2RawClient.open(bench().front.port);
          const bytes = randomFrames(random);
          client.send(bytes.subarray(0, random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length));
          await new Promise((resolve) => setTimeout(resolve, random() * 30));
          if (random() < 0.5) client.socket.resetAndDestroy();
          else client.socket.end();
          await client.closed();
          client.destroy();
        }),
      );
    }
    await expect.poll(() => bench().front.front.connections, { timeout: 10_000 }).toBe(0);
    expect(ends.size).toBeGreaterThan(300);
    await expect.poll(() => [...ends.values()].filter((count) => count !== 1)).toEqual([]);
    const unexpected = bench().front.errors.filter(
      (fields) => !String((fields as { err: Error }).err).includes('expected in this test'),
    );
    expect(unexpected).toEqual([]);
  });
});
