import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

/** 24 MiB of lines of 1 KiB: more than the backlog, so some must be dropped when nobody reads. */
const MANY = 24_600;

const folder = mkdtempSync(join(tmpdir(), 'banyan-log-'));
const program = join(folder, 'noisy-process.mjs');
const children: ChildProcess[] = [];

beforeAll(async () => {
  await build({
    entryPoints: ['test/observe/noisy-process.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The noisy process with this as its stdout. */
async function start(stdout: 'pipe' | number | Socket): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', stdout, 'inherit', 'ipc'] });
  children.push(child);
  await once(child, 'message');
  return child;
}

interface Report {
  readonly longest: number;
  readonly dropped: number;
  readonly rss: number;
  readonly isFlushed: boolean;
}

async function tell(child: ChildProcess, message: object): Promise<Report> {
  const answered = once(child, 'message');
  child.send(message);
  return (await answered)[0] as Report;
}

/** A pipe as a shell or a container engine makes it; `pipe` of spawn is a pair of sockets. */
function pipe(): { readonly reader: number; readonly writer: number } {
  const path = join(folder, `pipe-${children.length}-${Date.now()}`);
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, 'w') };
}

describe('a blocked stdout', () => {
  it.each(['pipe', 'socket pair'])(
    'that is a %s nobody reads drops lines, stalls nothing, and lets the process end',
    async (kind) => {
      const { reader, writer } = pipe();
      const child = await start(kind === 'pipe' ? writer : 'pipe');
      const report = await tell(child, { lines: MANY });
      expect(report.longest).toBeLessThan(200);
      expect(report.dropped).toBeGreaterThan(MANY - 17 * 1024);
      expect(report.rss).toBeLessThan(256 * 1024 * 1024);
      const exited = once(child, 'exit');
      expect((await tell(child, { end: 100 })).isFlushed).toBe(false);
      expect((await exited)[0]).toBe(0);
      closeSync(reader);
      closeSync(writer);
    },
  );

  it.each(['pipe', 'socket pair'])(
    'that is a %s read again gives every line that was kept, whole',
    async (kind) => {
      const { reader, writer } = pipe();
      const child = await start(kind === 'pipe' ? writer : 'pipe');
      closeSync(writer);
      const { dropped } = await tell(child, { lines: MANY });
      const stream = kind === 'pipe' ? new Socket({ fd: reader }) : child.stdout;
      let bytes = 0;
      stream?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      const ended = once(stream as Readable, 'end');
      expect((await tell(child, { end: 15_000 })).isFlushed).toBe(true);
      await ended;
      expect(dropped).toBeGreaterThan(0);
      expect(bytes).toBe((MANY - dropped) * 1024);
    },
  );

  it.each(['pipe', 'socket pair'])('whose %s has lost its reader does not end the process', async (kind) => {
    const { reader, writer } = pipe();
    const child = await start(kind === 'pipe' ? writer : 'pipe');
    closeSync(writer);
    closeSync(reader);
    child.stdout?.destroy();
    await tell(child, { lines: 400 });
    const again = await tell(child, { lines: 400 });
    expect(again.dropped).toBeGreaterThan(0);
    expect(again.longest).toBeLessThan(200);
  });

  it('that is a socket nobody reads stalls nothing', async () => {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = new Socket().connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    const child = await start(socket);
    const report = await tell(child, { lines: 2 * MANY });
    expect(report.longest).toBeLessThan(200);
    expect(report.dropped).toBeGreaterThan(0);
    socket.destroy();
    peer.destroy();
    server.close();
  });
});

describe('a process that ends by a fault', () => {
  it.each(['pipe', 'file', 'socket pair'])('gives its %s the lines that were waiting', async (kind) => {
    const { reader, writer } = pipe();
    const file = join(folder, `fault-${Date.now()}.log`);
    const out = { pipe: writer, file: openSync(file, 'w'), 'socket pair': 'pipe' as const }[kind];
    const child = spawn(process.execPath, [program], { stdio: ['ignore', out ?? 'pipe', 'ignore', 'ipc'] });
    children.push(child);
    await once(child, 'message');
    closeSync(writer);
    const stream = kind === 'socket pair' ? (child.stdout as Readable) : new Socket({ fd: reader });
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const closed = once(child, 'close');
    const ended = once(stream, 'end');
    child.send({ die: 40 });
    expect((await closed)[0]).not.toBe(0);
    await ended;
    expect(kind === 'file' ? readFileSync(file).length : bytes).toBe(40 * 1024);
  });
});

describe('a stdout that is a file', () => {
  it('gets every line', async () => {
    const file = join(folder, 'out.log');
    const fd = openSync(file, 'w');
    const child = await start(fd);
    closeSync(fd);
    const { dropped } = await tell(child, { lines: 4_000 });
    const exited = once(child, 'exit');
    expect((await tell(child, { end: 10_000 })).isFlushed).toBe(true);
    await exited;
    const text = readFileSync(file, 'latin1');
    expect(dropped).toBe(0);
    expect(text.split('\n')).toHaveLength(4_001);
  });

  it('and a full disk drops lines, and no more', async () => {
    const fd = openSync('/dev/full', 'w');
    const child = await start(fd);
    closeSync(fd);
    await tell(child, { lines: 400 });
    const again = await tell(child, { lines: 400 });
    expect(again.dropped).toBeGreaterThan(0);
    expect(again.longest).toBeLessThan(200);
  });
});
