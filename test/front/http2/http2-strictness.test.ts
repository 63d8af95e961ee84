import { describe, expect, it } from 'vitest';
import {
  CODE,
  codeOf,
  data,
  FLAG,
  FRAME,
  frame,
  getFields,
  headers,
  PREFACE,
  postFields,
  reset,
  settings,
  statusOf,
  windowUpdate,
} from '../../support/http2-frames.ts';
import { Http2RawClient } from '../../support/http2-raw-client.ts';
import { readBody, respond } from '../contract/front-bench.ts';
import { withHttp2 } from './http2-bench.ts';
import { CONNECTION_ERRORS, HARMLESS, HEADS, type RawCase, STREAM_ERRORS } from './raw-cases.ts';

describe('HTTP/2 front: strictness', () => {
  const bench = withHttp2();

  async function run({ frames, expected }: RawCase): Promise<Http2RawClient> {
    bench().front.use(async (exchange) => {
      const { failure } = await readBody(exchange);
      if (failure === null) respond(exchange, { body: 'ok' });
      else exchange.answer.fail(failure, 'r');
    });
    const client = await bench().raw();
    client.send(...frames);
    if (expected.status !== undefined)
      expect(statusOf(await client.frame(FRAME.headers, 1))).toBe(expected.status);
    if (expected.reset !== undefined)
      expect(codeOf(await client.frame(FRAME.rstStream, 1))).toBe(expected.reset);
    if (expected.goaway !== undefined) {
      expect(codeOf(await client.frame(FRAME.goaway))).toBe(expected.goaway);
      await client.closed();
    }
    const { rejections, exchanges, errors } = bench().front;
    if (expected.failure !== undefined)
      expect(rejections.map(({ failure }) => failure)).toEqual([expected.failure]);
    else expect(rejections).toEqual([]);
    if (expected.served !== undefined)
      expect(exchanges.map(({ head }) => head.target)).toEqual(expected.served);
    expect(errors).toEqual([]);
    return client;
  }

  /** The connection lives on, and its header tables are still in step. */
  async function servesOn(client: Http2RawClient): Promise<void> {
    client.send(headers(7, getFields('/next')));
    expect(statusOf(await client.frame(FRAME.headers, 7))).toBe(200);
    expect(client.frames.filter(({ type }) => type === FRAME.goaway)).toEqual([]);
  }

  it.each(HEADS.map((one) => [one.what, one] as const))('heads: %s', async (_what, one) => {
    await servesOn(await run(one));
  });

  it.each(STREAM_ERRORS.map((one) => [one.what, one] as const))('a stream ends: %s', async (_what, one) => {
    await servesOn(await run(one));
    const { method, target } = bench().front.rejections[0]!;
    expect([/^(GET|POST)$/.test(method!), target]).toEqual([true, '/']);
  });

  it.each(STREAM_ERRORS.map((one) => [one.what, one] as const))(
    'a stream that is being served ends: %s',
    async (_what, { frames, expected }) => {
      const failures: unknown[] = [];
      bench().front.use(async (exchange) => {
        // The request that has ended already is left unanswered.
        if (exchange.body.length === 0) exchange.answer.onFinish = () => failures.push('malformed_request');
        else failures.push((await readBody(exchange)).failure);
      });
      const client = await bench().raw();
      client.send(frames[0]!);
      await bench().front.exchange(0);
      client.send(...frames.slice(1));
      expect(codeOf(await client.frame(FRAME.rstStream, 1))).toBe(expected.reset);
      await expect.poll(() => failures).toEqual(['malformed_request']);
      expect(bench().front.rejections).toEqual([]);
    },
  );

  it.each(CONNECTION_ERRORS.map((one) => [one.what, one] as const))(
    'the connection ends: %s',
    async (_what, one) => {
      await run(one);
    },
  );

  it.each(HARMLESS.map((one) => [one.what, one] as const))('is served: %s', async (_what, one) => {
    await servesOn(await run(one));
  });

  it('CONNECT is a method that is not supported', async () => {
    const answer = await bench()
      .client()
      .ask({ ':method': 'CONNECT', ':authority': 'a.test:443', ':path': undefined });
    expect(answer.status).toBe(501);
    expect(bench().front.rejections).toMatchObject([
      { failure: 'bad_method', method: 'CONNECT', target: 'a.test:443' },
    ]);
  });

  it.each([
    ['another preface', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
    ['no settings', Buffer.concat([PREFACE, headers(1, getFields())])],
    ['an ACK before settings', Buffer.concat([PREFACE, frame(FRAME.settings, { flags: FLAG.ack })])],
  ])('begins with preface and settings: %s', async (_what, bytes) => {
    const client = await Http2RawClient.connect(bench().front.port);
    client.send(bytes);
    expect(codeOf(await client.frame(FRAME.goaway))).toBe(1);
    await client.closed();
    client.destroy();
    expect(bench().front.rejections).toMatchObject([{ failure: 'malformed_request', method: null }]);
  });

  it.each([
    ['a window', windowUpdate(1, 1)],
    ['a reset', reset(1)],
    ['PRIORITY', frame(FRAME.priority, { stream: 1, payload: Buffer.alloc(5) })],
  ])('takes what may come for a stream that is over: %s', async (_what, late) => {
    const client = await bench().raw();
    client.send(headers(1, getFields()));
    await client.frame(FRAME.data, 1);
    client.send(late);
    await servesOn(client);
  });

  it.each([
    ['HEADERS', headers(1, getFields())],
    ['DATA', data(1, 'x')],
  ])('closes when a stream goes on that the client had ended: %s', async (_what, late) => {
    const client = await bench().raw();
    client.send(headers(1, getFields()));
    await client.frame(FRAME.data, 1);
    client.send(late);
    expect(codeOf(await client.frame(FRAME.goaway))).toBe(CODE.streamClosed);
    await client.closed();
  });

  it('ignores what was on its way when it gave a stream up', async () => {
    const client = await bench().raw();
    client.send(headers(1, postFields(), FLAG.endHeaders));
    expect(codeOf(await client.frame(FRAME.rstStream, 1))).toBe(CODE.noError);
    client.send(data(1, 'late'), headers(1, ['x-late', '1']));
    await servesOn(client);
  });

  it('reads frames that come byte by byte', async () => {
    const client = await Http2RawClient.connect(bench().front.port);
    for (const byte of Buffer.concat([PREFACE, settings(), headers(1, getFields('/slowly'))])) {
      client.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(statusOf(await client.frame(FRAME.headers, 1))).toBe(200);
    client.destroy();
  });
});
