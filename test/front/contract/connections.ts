import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { get, post } from '../../support/raw-client.ts';
import { type CreateFront, echo, gone, respond } from './front-bench.ts';
import { withFront } from './with-front.ts';

/** How long a connection lives, and who has it. */
export function describeConnections(name: string, createFront: CreateFront): void {
  describe(`${name}: connections`, () => {
    const bench = withFront(createFront);

    it('serve one request after the other, 404s and all', async () => {
      bench().use((exchange) =>
        respond(exchange, { status: 404, reason: 'Not Found', body: exchange.head.target }),
      );
      const client = await bench().client();
      for (let i = 0; i < 50; i++) {
        client.send(get(`/${i}`));
        expect((await client.readAnswer()).text).toBe(`/${i}`);
      }
      expect(bench().front.connections).toBe(1);
    });

    it('hand on a pipelined request only when the one before is answered', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(`${post('/1', 'x')}${get('/2')}${get('/3')}`);
      for (const [index, target] of ['/1', '/2', '/3'].entries()) {
        const exchange = await bench().exchange(index);
        await new Promise((resolve) => setTimeout(resolve, 30));
        expect(bench().exchanges.length).toBe(index + 1);
        respond(exchange, { body: target });
        expect((await client.readAnswer()).text).toBe(target);
      }
    });

    it('keep the order of pipelined requests with bodies', async () => {
      bench().use((exchange) => void echo(exchange));
      const client = await bench().client();
      const bodies = Array.from({ length: 40 }, (_, i) => `${i}`.repeat(1000));
      client.send(bodies.map((body) => post('/', body)).join(''));
      for (const body of bodies) expect((await client.readAnswer('POST')).text).toBe(body);
    });

    it('show that the client left also while a pipelined request waits', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(`${get('/1')}${get('/2')}`);
      const exchange = await bench().exchange(0);
      const left = gone(exchange);
      client.end();
      await left;
      await expect.poll(() => bench().front.connections).toBe(0);
      expect(bench().exchanges.length).toBe(1);
    });

    it('do not read ahead without end', async () => {
      bench().use(() => {});
      const client = await bench().client();
      const many = get('/', [`X: ${'x'.repeat(1000)}`]).repeat(64);
      client.send(get('/first'));
      await bench().exchange(0);
      let sent = 0;
      for (let i = 0; i < 400; i++) sent += client.send(many) ? 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(client.socket.writableLength).toBeGreaterThan(1024 * 1024);
      expect(bench().exchanges.length).toBe(1);
      expect(sent).toBeLessThan(400);
    });

    it.each([
      ['HTTP/1.1 close', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'close', true],
      ['HTTP/1.1', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', undefined, false],
      ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 'close', true],
      ['HTTP/1.0 keep-alive', 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n', 'keep-alive', false],
    ])('live as long as asked: %s', async (_what, request, connection, closes) => {
      const client = await bench().client();
      client.send(request);
      const answer = await client.readAnswer();
      expect(answer).toMatchObject({ status: 200, text: 'ok', framing: 'length' });
      expect(answer.header('connection')).toBe(connection);
      if (closes) {
        expect(await client.closed()).toBe('end');
      } else {
        client.send(get('/'));
        expect((await client.readAnswer()).status).toBe(200);
      }
    });

    it('of HTTP/1.0 get no chunks, no 1xx and no trailers; the end is the connection’s', async () => {
      bench().use((exchange) => {
        exchange.answer.informational(103, 'Early Hints', []);
        respond(exchange, { body: 'hello', unknownLength: true, trailers: ['X', 'y'] });
      });
      const client = await bench().client();
      client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
      expect(await client.readAnswer()).toMatchObject({
        informational: [],
        headers: ['Connection', 'close'],
        framing: 'close',
        text: 'hello',
        complete: true,
      });
      expect(bench().exchanges[0]!.head.minorVersion).toBe(0);
    });

    it('of clients that were gone before they were accepted serve nobody', async () => {
      const leave =
        "const s = require('node:net').connect(+process.argv[1], '127.0.0.1', () => s.write('GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n', () => s.resetAndDestroy()))";
      // The front's event loop stands still meanwhile.
      execFileSync(process.execPath, ['-e', leave, String(bench().port)]);
      const client = await bench().client();
      client.send(get('/'));
      await client.readAnswer();
      expect(bench().exchanges.map(({ peer }) => peer.address)).toEqual(['127.0.0.1']);
    });

    it('are probed when they are silent, so that dead ones are found', async () => {
      const client = await bench().client();
      client.send(get('/'));
      await client.readAnswer();
      const port = (of: number): string => `:${of.toString(16).toUpperCase().padStart(4, '0')} `;
      const timer = (): readonly [string, string] => {
        const line = readFileSync('/proc/net/tcp', 'utf8')
          .split('\n')
          .find((one) => one.includes(`${port(bench().port)}0100007F${port(client.socket.localPort!)}`));
        // The fifth column: which timer, and in how many hundredths of a second.
        const [which, when] = line!.trim().split(/\s+/)[5]!.split(':');
        return [which!, when!];
      };
      await expect.poll(() => timer()[0]).toBe('02');
      expect(Number.parseInt(timer()[1], 16)).toBeLessThanOrEqual(3000);
    });

    it('are counted', async () => {
      const clients = await Promise.all([bench().client(), bench().client()]);
      for (const client of clients) {
        client.send(get('/'));
        await client.readAnswer();
      }
      expect(bench().front.connections).toBe(2);
      clients[0]!.end();
      await clients[0]!.closed();
      await expect.poll(() => bench().front.connections).toBe(1);
    });
  });
}
