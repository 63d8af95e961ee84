import net from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHello } from '../../../src/front/tls/client-hello.ts';

/** The first bytes that a real client sends. */
async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const [socket] = await new Promise<[net.Socket]>((resolve) =>
    server.once('connection', (one) => resolve([one])),
  );
  const [bytes] = await new Promise<[Buffer]>((resolve) => socket.once('data', (data) => resolve([data])));
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

/** The same hello in records of so many bytes each. */
function inRecords(hello: Buffer, size: number): Buffer {
  const body = hello.subarray(5);
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    pieces.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  return Buffer.concat(pieces);
}

describe('readHello', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('finds the name in a hello of %s', async (version) => {
    const hello = await helloOf({ servername: 'Shop.Test', minVersion: version, maxVersion: version });
    expect(readHello(hello)).toEqual({ serverName: 'shop.test' });
  });

  it('finds none where there is none', async () => {
    expect(readHello(await helloOf({}))).toEqual({ serverName: null });
  });

  it('wants more until the hello is whole, however it is cut', async () => {
    const hello = await helloOf({ servername: 'shop.test' });
    for (let length = 0; length < hello.length; length++)
      expect(readHello(hello.subarray(0, length))).toBe('more');
    const small = inRecords(hello, 7);
    for (let length = 0; length < small.length; length++)
      expect(readHello(small.subarray(0, length))).toBe('more');
    expect(readHello(small)).toEqual({ serverName: 'shop.test' });
  });

  it('does not wait for ever', () => {
    const endless = Buffer.alloc(6 * 3000);
    for (let at = 0; at < endless.length; at += 6) endless.set([22, 3, 1, 0, 1, at === 0 ? 1 : 255], at);
    expect(readHello(endless)).toEqual({ serverName: null });
  });

  it('never throws, whatever is changed in it', async () => {
    const hello = await helloOf({ servername: 'shop.test' });
    const change = fc.tuple(fc.nat(hello.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
        const changed = Buffer.from(hello);
        for (const [at, byte] of changes) changed[at] = byte;
        const read = readHello(changed);
        expect(read === 'more' || read.serverName === null || typeof read.serverName === 'string').toBe(true);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readHello(Buffer.from([22, ...bytes]))),
    );
  });
});
