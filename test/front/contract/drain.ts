import { describe, expect, it } from 'vitest';
import { get, RawClient } from '../../support/raw-client.ts';
import { type CreateFront, respond } from './front-bench.ts';
import { withFront } from './with-front.ts';

/** How a front comes to its end. */
export function describeDrain(name: string, createFront: CreateFront): void {
  describe(`${name}: drain`, () => {
    const bench = withFront(createFront);

    it('says Connection: close, serves what comes, then closes', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(get('/'));
      const exchange = await bench().exchange(0);
      let isDrained = false;
      const drained = bench()
        .front.drain()
        .then(() => {
          isDrained = true;
        });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(isDrained).toBe(false);
      respond(exchange, { body: 'last' });
      const answer = await client.readAnswer();
      expect(answer.text).toBe('last');
      expect(answer.header('connection')).toBe('close');
      expect(await client.closed()).toBe('end');
      client.end();
      await drained;
    });

    it('accepts no more', async () => {
      const drained = bench().front.drain();
      await expect(RawClient.connect(bench().port)).rejects.toThrow('ECONNREFUSED');
      await drained;
    });

    it('takes a request that was on its way on an idle connection, and closes the others', async () => {
      const [busy, idle, fresh] = [await bench().client(), await bench().client(), await bench().client()];
      for (const client of [busy, idle]) {
        client.send(get('/'));
        await client.readAnswer();
      }
      const drained = bench().front.drain();
      busy.send(get('/'));
      const answer = await busy.readAnswer();
      expect(answer).toMatchObject({ status: 200, text: 'ok' });
      expect(answer.header('connection')).toBe('close');
      for (const client of [busy, idle, fresh]) {
        expect(await client.closed()).toBe('end');
        client.end();
      }
      await drained;
    });

    it('ends at once when closed', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(get('/'));
      await bench().exchange(0);
      await bench().front.close();
      await client.closed();
      expect(bench().front.connections).toBe(0);
    });

    it('refuses a port that is taken', async () => {
      await expect(bench().front.listen('127.0.0.1', bench().port)).rejects.toThrow();
      const other = await createFront({
        handler: () => {},
        onRejected: () => {},
        limits: {
          maxHeaderBytes: 8192,
          maxHeaders: 10,
          maxUrlBytes: 1000,
          headerTimeoutMs: 1000,
          bodyTimeoutMs: 1000,
          keepAliveMs: 1000,
          maxConnections: 0,
          maxConnectionsPerAddress: 0,
        },
        newRequestId: () => 'x',
        logger: { error: () => {} },
      });
      await expect(other.listen('127.0.0.1', bench().port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await other.close();
    });
  });
}
