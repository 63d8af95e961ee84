import { describe, expect, it } from 'vitest';
import { get } from '../../support/raw-client.ts';
import type { FrontLimitsOfItsOwn } from './describe-front.ts';
import { type CreateFront, type FrontBench, respond } from './front-bench.ts';
import { withFront } from './with-front.ts';

/** What is too much, or too slow. */
export function describeLimits(name: string, createFront: CreateFront, own: FrontLimitsOfItsOwn): void {
  const turnedAway = (bench: FrontBench): void => {
    const counted = [
      { failure: 'over_capacity', peer: { address: '127.0.0.1' }, method: null, target: null },
    ];
    expect(bench.rejections).toMatchObject(own.countsTurnedAway ? counted : []);
  };

  describe(`${name}: sizes`, () => {
    const bench = withFront(createFront, { maxHeaderBytes: 8192, maxHeaders: 20, maxUrlBytes: 2048 });

    it.each([
      ['a URL that is too long', get(`/${'a'.repeat(2048)}`), 414, 'url_too_long'],
      ['a URL larger than a whole head may be', get(`/${'a'.repeat(20_000)}`), 414, 'url_too_long'],
      ['too large a field', get('/', [`X: ${'x'.repeat(9000)}`]), 431, 'header_too_large'],
      [
        'too many fields',
        get(
          '/',
          Array.from({ length: 20 }, (_, i) => `X-${i}: v`),
        ),
        431,
        'header_too_large',
      ],
      [
        'far too many fields',
        get(
          '/',
          Array.from({ length: 1500 }, () => 'a:'),
        ),
        431,
        'header_too_large',
      ],
    ])('refuses %s', async (_what, bytes, status, failure) => {
      const client = await bench().client();
      client.send(bytes);
      expect(await client.readAnswer()).toMatchObject({ status, complete: true });
      expect(await client.closed()).toBe('end');
      expect(bench().rejections).toMatchObject([{ failure }]);
    });

    it('takes what just fits', async () => {
      const client = await bench().client();
      client.send(
        get(
          `/${'a'.repeat(2047)}`,
          Array.from({ length: 19 }, (_, i) => `X-${i}: v`),
        ),
      );
      expect((await client.readAnswer()).status).toBe(200);
    });
  });

  describe(`${name}: times`, () => {
    const bench = withFront(createFront, { headerTimeoutMs: 200, keepAliveMs: 300 });

    it('gives up a head that does not end', async () => {
      const client = await bench().client();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n');
      const answer = await client.readAnswer();
      expect(answer.status).toBe(408);
      expect(await client.closed()).toBe('end');
      expect(bench().rejections).toMatchObject([{ failure: 'request_timeout' }]);
    });

    it('gives up a head that dribbles in, however steadily', async () => {
      const client = await bench().client();
      const from = performance.now();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n');
      const dribble = setInterval(() => client.send('X: y\r\n'), 20);
      const answer = await client.readAnswer();
      clearInterval(dribble);
      expect(answer.status).toBe(408);
      expect(performance.now() - from).toBeLessThan(1200);
      await client.closed();
    });

    it('closes a connection that never says anything, without a word', async () => {
      const client = await bench().client();
      expect((await client.reader.rest()).length).toBe(0);
      expect(bench().rejections).toEqual([]);
    });

    it('closes an idle connection, without a word', async () => {
      const client = await bench().client();
      client.send(get('/'));
      await client.readAnswer();
      expect((await client.reader.rest()).length).toBe(0);
      expect(bench().rejections).toEqual([]);
    });

    it('does not count the time that an answer takes', async () => {
      bench().use((exchange) => void setTimeout(() => respond(exchange, { body: 'late' }), 700));
      const client = await bench().client();
      client.send(get('/'));
      expect((await client.readAnswer()).text).toBe('late');
    });
  });

  describe(`${name}: connections of one address`, () => {
    const bench = withFront(createFront, { maxConnectionsPerAddress: 2 });

    it('are limited', async () => {
      const clients = [await bench().client(), await bench().client()];
      for (const client of clients) {
        client.send(get('/'));
        await client.readAnswer();
      }
      const third = await bench().excessClient();
      await third?.closed();
      turnedAway(bench());
      clients[0]!.end();
      await clients[0]!.closed();
      await expect.poll(() => bench().front.connections).toBe(1);
      const fourth = await bench().client();
      fourth.send(get('/'));
      expect((await fourth.readAnswer()).status).toBe(200);
    });
  });

  describe(`${name}: connections of all`, () => {
    const bench = withFront(createFront, { maxConnections: 1 });

    it('are limited while requests are under way', async () => {
      bench().use(() => {});
      const first = await bench().client();
      first.send(get('/'));
      const exchange = await bench().exchange(0);
      const second = await bench().excessClient();
      await second?.closed();
      turnedAway(bench());
      respond(exchange, { body: 'ok' });
      expect((await first.readAnswer()).text).toBe('ok');
    });
  });
}
