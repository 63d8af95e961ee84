import { describe, expect, it } from 'vitest';
import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { get } from '../../support/raw-client.ts';
import { type FrontBench, readBody, respond } from '../contract/front-bench.ts';
import { withFront } from '../contract/with-front.ts';
import { RAW_CASES } from './raw-cases.ts';

/** Reads the whole body, as every handler does in the end, and says what was wrong with it. */
function answerAll(bench: FrontBench): void {
  bench.use(async (exchange) => {
    const { failure } = await readBody(exchange);
    if (failure === null) respond(exchange, { body: 'ok' });
    else exchange.answer.fail(failure, 'r');
  });
}

describe.each(Object.entries(RAW_CASES))('wire front, strictness: %s', (_kind, cases) => {
  const bench = withFront(createWireFront);

  it.each(cases.map(({ what, status, bytes }) => [what, status, bytes] as const))(
    '%s: %i',
    async (_what, status, bytes) => {
      answerAll(bench());
      const client = await bench().client();
      client.send(bytes);
      const answer = await client.readAnswer(/^\r?\n?HEAD/.test(bytes) ? 'HEAD' : 'GET');
      expect(answer).toMatchObject({ status, complete: true });
      expect(bench().errors).toEqual([]);
      if (status === 200) {
        expect(bench().exchanges.length).toBe(1);
        return;
      }
      // What follows a request that was not understood is never read as one.
      client.send(get('/smuggled'));
      expect(answer.header('connection')).toBe('close');
      expect((await client.reader.rest()).length).toBe(0);
      expect(bench().exchanges.filter(({ head }) => head.target === '/smuggled')).toEqual([]);
      const failed = bench().exchanges.length + bench().rejections.length;
      expect(failed).toBe(1);
    },
  );
});

describe('wire front, strictness: after a request', () => {
  const bench = withFront(createWireFront);

  it.each([
    ['another one', get('/2'), 200],
    ['an empty line and another one', `\r\n${get('/2')}`, 200],
    ['two empty lines', `\r\n\r\n${get('/2')}`, 400],
    ['a NUL', `\0${get('/2')}`, 400],
    ['a space', ` ${get('/2')}`, 400],
    ['a bare LF', `\n${get('/2')}`, 400],
    ['garbage', 'xyz\r\n\r\n', 400],
    ['an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 400],
    ['a chunk', '0\r\n\r\n', 400],
  ])('%s: %i', async (_what, second, status) => {
    answerAll(bench());
    const client = await bench().client();
    client.send(`POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi${second}`);
    expect((await client.readAnswer()).status).toBe(200);
    expect((await client.readAnswer()).status).toBe(status);
  });

  it('an empty line alone is nothing: no answer when the connection ends', async () => {
    answerAll(bench());
    const client = await bench().client();
    client.send(`${get('/')}\r\n`);
    expect((await client.readAnswer()).status).toBe(200);
    client.end();
    expect((await client.reader.rest()).length).toBe(0);
    expect(bench().rejections).toEqual([]);
  });
});

describe('wire front, strictness: the table', () => {
  it('is large', () => {
    expect(Object.values(RAW_CASES).flat().length).toBeGreaterThan(250);
  });
});
