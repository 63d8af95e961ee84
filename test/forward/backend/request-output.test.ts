import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RequestOutput } from '../../../src/forward/backend/request-output.ts';
import { until } from '../../support/until.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

interface Line {
  readonly output: RequestOutput;
  readonly socket: Socket;
  /** What the other end has read, piece by piece. */
  readonly read: string[];
  readonly other: Socket;
  /** How often it was told that the backend takes more. */
  readonly taken: { count: number };
}

/** An output to a socket whose other end reads, or not yet. */
async function line(isRead = true): Promise<Line> {
  const server = createServer({ pauseOnConnect: true });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const { port } = server.address() as { port: number };
  const socket = await new Promise<Socket>((resolve) => {
    const made = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(made));
  });
  const other = await accepted;
  open.push({ close: () => socket.destroy() }, { close: () => other.destroy() });
  const read: string[] = [];
  other.on('data', (bytes) => void read.push(bytes.toString('latin1')));
  if (isRead) other.resume();
  else other.pause();
  const taken = { count: 0 };
  const output = new RequestOutput(socket, () => {
    output.drained();
    taken.count += 1;
  });
  socket.on('drain', () => {
    output.drained();
    taken.count += 1;
  });
  return { output, socket, read, other, taken };
}

const LARGE = Buffer.alloc(8 * 1024, 'L');

describe('what is written to a backend', () => {
  it('leaves as one piece, if it is small and of one turn', async () => {
    const { output, read } = await line();
    output.write('HEAD ');
    output.write(Buffer.from('one '));
    output.writeChunk(Buffer.from('two'));
    await until(
      () => read.join(''),
      (text) => text.endsWith('two\r\n'),
    );
    expect(read).toEqual(['HEAD one 3\r\ntwo\r\n']);
  });

  it('leaves at once with a large piece, whose buffer is the caller’s again', async () => {
    const { output, read } = await line();
    const lent = Buffer.from(LARGE);
    output.write('HEAD ');
    expect(output.write(lent)).toBe(true);
    lent.fill('x');
    output.writeChunk(lent);
    lent.fill('y');
    const expected = `HEAD ${LARGE}2000\r\n${'x'.repeat(lent.length)}\r\n`;
    await until(
      () => read.join('').length,
      (length) => length >= expected.length,
    );
    expect(read.join('')).toBe(expected);
  });

  it('is lent while the backend takes nothing, and the caller is told when it has', async () => {
    const { output, other, read, socket, taken } = await line(false);
    let sent = 0;
    while (output.write(LARGE)) sent += LARGE.length;
    sent += LARGE.length;
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(output.write('small')).toBe(false);
    expect(taken.count).toBe(0);
    other.resume();
    await until(
      () => taken.count,
      (count) => count > 0,
    );
    expect(socket.writableLength).toBe(0);
    expect(output.write('more')).toBe(true);
    await until(
      () => read.join('').length,
      (length) => length >= sent + 9,
    );
    expect(read.join('')).toBe(`${'L'.repeat(sent)}smallmore`);
  });

  it('is nothing any more when the socket is gone', async () => {
    const { output, socket } = await line();
    socket.destroy();
    expect(output.write('late')).toBe(true);
    expect(output.write(LARGE)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
  });
});
