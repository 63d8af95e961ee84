import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { BackendConnection } from '../../../src/forward/backend/connection.ts';
import { Intake } from '../../../src/forward/backend/intake.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A connection to a backend, and what the backend reads first. */
async function connected(): Promise<{ connection: BackendConnection; first: Promise<string> }> {
  const server = createServer();
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const first = new Promise<string>((resolve) => {
    server.on('connection', (socket) => socket.once('data', (bytes) => resolve(bytes.toString('latin1'))));
  });
  const { port } = server.address() as { port: number };
  const socket = await new Promise<Socket>((resolve) => {
    const made = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(made));
  });
  open.push({ close: () => socket.destroy() });
  const owner = { released: () => {}, closed: () => {} };
  return { connection: new BackendConnection(socket, new Intake(Buffer.alloc(0)), owner), first };
}

it('sends the head and what is there of the body in one piece', async () => {
  const { connection, first } = await connected();
  const receiver = {
    readBegins() {},
    readEnds() {},
    informational() {},
    head() {},
    chunk() {},
    end() {},
    upgraded() {},
    failed() {},
    refused() {},
    writable() {},
  };
  const request = { method: 'POST', upgrade: false, bodyLength: null, fields: null };
  connection.send({ ...request, head: 'POST / HTTP/1.1\r\n\r\n' }, receiver);
  connection.bodyChunk(Buffer.from('hi'));
  connection.bodyEnd([]);
  expect(await first).toBe('POST / HTTP/1.1\r\n\r\n2\r\nhi\r\n0\r\n\r\n');
});
