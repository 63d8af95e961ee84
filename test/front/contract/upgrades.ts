import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { get, post } from '../../support/raw-client.ts';
import { type CreateFront, finished, gone, readBody, respond } from './front-bench.ts';
import { withFront } from './with-front.ts';

const WEBSOCKET = ['Connection: keep-alive, Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x'];
const HANDSHAKE = {
  status: 101,
  reason: 'Switching Protocols',
  headers: ['Upgrade', 'websocket', 'sec-WEBSOCKET-accept', 'y'],
  bodyLength: 0,
};

function echoTunnel(socket: Duplex, early: Buffer): void {
  socket.write(early);
  socket.on('data', (bytes: Buffer) => socket.write(bytes));
  socket.on('end', () => socket.end());
  socket.resume();
}

/** Offers of another protocol: taken, refused, and those that are plain requests. */
export function describeUpgrades(name: string, createFront: CreateFront): void {
  describe(`${name}: upgrades`, () => {
    const bench = withFront(createFront);

    it('hand the connection over, with the bytes that came early', async () => {
      bench().use((exchange) => {
        const { socket, early } = exchange.answer.switchProtocols(HANDSHAKE);
        echoTunnel(socket, early);
      });
      const client = await bench().client();
      client.send(`${get('/ws', WEBSOCKET)}early`);
      expect(await client.readHead()).toMatchObject({
        status: 101,
        reason: 'Switching Protocols',
        headers: ['Upgrade', 'websocket', 'sec-WEBSOCKET-accept', 'y', 'Connection', 'upgrade'],
      });
      expect((await client.reader.exactly(5)).toString()).toBe('early');
      client.send(Buffer.from([0, 255, 13, 10]));
      expect([...(await client.reader.exactly(4))]).toEqual([0, 255, 13, 10]);
      expect(bench().exchanges[0]!).toMatchObject({ upgrade: 'websocket', body: { length: 0 } });
      expect(bench().front.connections).toBe(1);
      client.end();
      expect(await client.closed()).toBe('end');
      await expect.poll(() => bench().front.connections).toBe(0);
    });

    it('keep what comes while the backend is asked', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(get('/ws', WEBSOCKET));
      const exchange = await bench().exchange(0);
      client.send('one');
      await new Promise((resolve) => setTimeout(resolve, 50));
      client.send('two');
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { socket, early } = exchange.answer.switchProtocols({
        ...HANDSHAKE,
        headers: ['Upgrade', 'websocket', 'Connection', 'Upgrade'],
      });
      echoTunnel(socket, early);
      expect((await client.readHead()).headers).toEqual(['Upgrade', 'websocket', 'Connection', 'Upgrade']);
      client.send('three');
      expect((await client.reader.exactly(11)).toString()).toBe('onetwothree');
    });

    it('tell the handler that the client left before anybody took it', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(get('/ws', WEBSOCKET));
      const exchange = await bench().exchange(0);
      const both = Promise.all([gone(exchange), finished(exchange)]);
      client.end();
      await both;
    });

    it('refused pass whole, and what follows is a request of its own', async () => {
      bench().use((exchange) => {
        if (exchange.upgrade === null) {
          respond(exchange, { body: exchange.head.target });
          return;
        }
        respond(exchange, {
          status: 403,
          reason: 'Forbidden',
          headers: ['X-Why', 'no'],
          body: 'not you',
          unknownLength: true,
        });
      });
      const client = await bench().client();
      client.send(`${get('/ws', WEBSOCKET)}${get('/ahead')}`);
      expect(await client.readAnswer()).toMatchObject({
        status: 403,
        headers: ['X-Why', 'no', 'Transfer-Encoding', 'chunked'],
        text: 'not you',
        complete: true,
      });
      expect((await client.readAnswer()).text).toBe('/ahead');
      client.send(get('/later'));
      expect((await client.readAnswer()).text).toBe('/later');
      expect(bench().exchanges.length).toBe(3);
    });

    it('refused are followed by no frames of another protocol', async () => {
      bench().use((exchange) => respond(exchange, { status: 403, body: 'no' }));
      const client = await bench().client();
      client.send(get('/ws', WEBSOCKET));
      await bench().exchange(0);
      client.send(Buffer.from('\x81\x05hello\r\n', 'latin1'));
      expect((await client.readAnswer()).status).toBe(403);
      expect((await client.readAnswer()).status).toBe(400);
      expect(await client.closed()).toBe('end');
      expect(bench().exchanges.length).toBe(1);
    });

    it('refused end the connection where the client wants it closed', async () => {
      bench().use((exchange) => respond(exchange, { status: 403, body: 'no' }));
      const client = await bench().client();
      client.send(`${get('/ws', ['Connection: close, Upgrade', 'Upgrade: websocket'])}${get('/ahead')}`);
      expect(await client.readAnswer()).toMatchObject({ status: 403, text: 'no' });
      expect(await client.closed()).toBe('end');
      expect(bench().exchanges.length).toBe(1);
    });

    it('wait for the answer before them', async () => {
      bench().use(() => {});
      const client = await bench().client();
      client.send(`${get('/1')}${get('/ws', WEBSOCKET)}early`);
      const first = await bench().exchange(0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(bench().exchanges.length).toBe(1);
      respond(first, { body: 'one' });
      expect((await client.readAnswer()).text).toBe('one');
      const { socket, early } = (await bench().exchange(1)).answer.switchProtocols(HANDSHAKE);
      echoTunnel(socket, early);
      await client.readHead();
      expect((await client.reader.exactly(5)).toString()).toBe('early');
    });

    it.each([20_000, 400_000])('can follow a body of %i bytes that nobody read', async (size) => {
      bench().use((exchange) => {
        if (exchange.upgrade === null) {
          setTimeout(() => respond(exchange, { body: 'one' }), 20);
          return;
        }
        const { socket, early } = exchange.answer.switchProtocols(HANDSHAKE);
        echoTunnel(socket, early);
      });
      const client = await bench().client();
      client.send(
        `${post('/', 'x'.repeat(size))}${get('/', ['Connection: Upgrade', 'Upgrade: h2c'])}${get('/ws', WEBSOCKET)}early`,
      );
      expect((await client.readAnswer('POST')).text).toBe('one');
      if (size > 256 * 1024) {
        await client.closed(); // too much to read off
        return;
      }
      expect((await client.readAnswer()).text).toBe('one');
      await client.readHead();
      expect((await client.reader.exactly(5)).toString()).toBe('early');
      client.send('late');
      expect((await client.reader.exactly(4)).toString()).toBe('late');
      client.end();
      expect(await client.closed()).toBe('end');
    });

    it('name Upgrade in Connection on an answer that offers one', async () => {
      bench().use((exchange) => respond(exchange, { status: 426, headers: ['Upgrade', 'websocket'] }));
      const client = await bench().client();
      client.send(get('/'));
      expect((await client.readAnswer()).headers).toEqual([
        'Upgrade',
        'websocket',
        'Content-Length',
        '0',
        'Connection',
        'upgrade',
      ]);
    });
  });

  describe(`${name}: offers that are plain requests`, () => {
    const bench = withFront(createFront);
    const H2C = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    ];

    it.each([
      ['h2c', get('/', H2C), ''],
      ['h2c with a body', `${get('/', [...H2C, 'Content-Length: 5'])}hello`, 'hello'],
      ['websocket with a body', `${get('/', [...WEBSOCKET, 'Content-Length: 5'])}hello`, 'hello'],
      [
        'websocket with chunks',
        `${get('/', [...WEBSOCKET, 'Transfer-Encoding: chunked'])}5\r\nhello\r\n0\r\n\r\n`,
        'hello',
      ],
      ['Upgrade that Connection does not name', get('/', ['Upgrade: websocket']), ''],
      [
        'Upgrade in HTTP/1.0',
        'GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n',
        '',
      ],
    ])('%s, again and again', async (_what, bytes, text) => {
      bench().use(async (exchange) => respond(exchange, { body: `[${(await readBody(exchange)).text}]` }));
      let client = await bench().client();
      for (let i = 0; i < 5; i++) {
        client.send(bytes);
        const answer = await client.readAnswer();
        expect(answer).toMatchObject({ status: 200, text: `[${text}]`, complete: true });
        if (answer.header('connection') === 'close') {
          // Only what has a body, and only where the parser can't be told to read on (docs/fronts.md).
          expect(text).not.toBe('');
          await client.closed();
          client = await bench().client();
        }
        client.send(get('/plain'));
        expect((await client.readAnswer()).text).toBe('[]');
      }
      expect(bench().exchanges.length).toBe(10);
      for (const exchange of bench().exchanges) expect(exchange.upgrade).toBeNull();
    });

    it('keep their order among pipelined requests', async () => {
      bench().use(async (exchange) => {
        const { text } = await readBody(exchange);
        setTimeout(() => respond(exchange, { body: exchange.head.target + text }), 10);
      });
      const client = await bench().client();
      client.send(`${get('/1')}${get('/2', H2C)}${get('/3', H2C)}${get('/4')}`);
      for (const text of ['/1', '/2', '/3', '/4']) expect((await client.readAnswer()).text).toBe(text);
    });

    it('can have a large body', async () => {
      bench().use(async (exchange) => respond(exchange, { body: String((await readBody(exchange)).bytes) }));
      const size = 4 * 1024 * 1024;
      for (let i = 0; i < 2; i++) {
        const client = await bench().client();
        client.send(get('/', [...H2C, `Content-Length: ${size}`]));
        client.send(Buffer.alloc(size));
        expect((await client.readAnswer()).text).toBe(String(size));
      }
    });
  });
}
