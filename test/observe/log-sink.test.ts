import { describe, expect, it, vi } from 'vitest';
import type { LogOutput } from '../../src/observe/log-output.ts';
import { createLogSink } from '../../src/observe/log-sink.ts';

/** An output that takes what its test lets it take. */
class FakeOutput implements LogOutput {
  taken = '';
  /** Bytes that it still takes; -1 breaks with EPIPE. */
  room = Number.POSITIVE_INFINITY;
  readonly isAsynchronous: boolean = false;
  readonly writes: number[] = [];

  write(bytes: Buffer, written: (error: NodeJS.ErrnoException | null, bytes: number) => void): void {
    if (this.room <= 0) {
      written(Object.assign(new Error('no room'), { code: this.room < 0 ? 'EPIPE' : 'EAGAIN' }), 0);
      return;
    }
    const count = Math.min(this.room, bytes.length);
    this.writes.push(count);
    this.taken += bytes.subarray(0, count).toString('latin1');
    this.room -= count;
    written(null, count);
  }

  writeLast(bytes: Buffer): void {
    this.taken += bytes.toString('latin1');
  }
}

function sinkOf(output: LogOutput, backlogBytes?: number) {
  return createLogSink({ fd: 1, output, ...(backlogBytes === undefined ? {} : { backlogBytes }) });
}

describe('a log sink', () => {
  it('writes whole lines in order, however little is taken at a time', async () => {
    const output = new FakeOutput();
    const sink = sinkOf(output);
    const lines = Array.from({ length: 5_000 }, (_, i) => `line ${i} ${'x'.repeat(i % 90)}\n`);
    output.room = 7;
    for (const line of lines) sink.write(line);
    const feeding = setInterval(() => {
      output.room += 20_000;
    }, 1);
    expect(await sink.flush(10_000)).toBe(true);
    clearInterval(feeding);
    expect(output.taken).toBe(lines.join(''));
    expect(sink.droppedLines()).toBe(0);
  });

  it('does not write within the call', async () => {
    const output = new FakeOutput();
    const sink = sinkOf(output);
    sink.write('a\n');
    expect(output.taken).toBe('');
    await sink.flush(1_000);
    expect(output.taken).toBe('a\n');
  });

  it('writes a line by itself soon, and many together', async () => {
    const output = new FakeOutput();
    const sink = sinkOf(output);
    const start = performance.now();
    sink.write('alone\n');
    await vi.waitUntil(() => output.taken !== '', { interval: 1 });
    expect(performance.now() - start).toBeLessThan(500);
    for (let i = 0; i < 100; i++) {
      sink.write(`${'x'.repeat(399)}\n`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sink.flush(1_000);
    expect(output.taken).toHaveLength(40_006);
    expect(output.writes.length).toBeLessThan(20);
  });

  it('writes at once what is worth a write, without waiting for more', async () => {
    const output = new FakeOutput();
    const sink = sinkOf(output);
    for (let i = 0; i < 41; i++) sink.write(`${'x'.repeat(399)}\n`);
    await new Promise((resolve) => setImmediate(resolve));
    expect(output.writes).toEqual([41 * 400]);
  });

  it('counts each of the lines that it is given together', async () => {
    const output = new FakeOutput();
    output.room = -1;
    const sink = sinkOf(output, 100);
    sink.write('one\ntwo\n');
    sink.write('three\n');
    void sink.flush(1);
    expect(sink.droppedLines()).toBe(3);
    sink.write(`${'x'.repeat(140)}\ny\n`);
    expect(sink.droppedLines()).toBe(5);
  });

  it('writes UTF-8, whatever the text', async () => {
    const output = new FakeOutput();
    const sink = sinkOf(output);
    const line = `${'ü€😀\ud800'.repeat(5_000)}\n`;
    for (let i = 0; i < 5; i++) sink.write(line);
    sink.write('\u20ac\n');
    await sink.flush(1_000);
    expect(output.taken).toBe(Buffer.from(`${line.repeat(5)}\u20ac\n`).toString('latin1'));
  });

  it('gives what is waiting, in order, when the process ends', () => {
    const output = new FakeOutput();
    output.room = 3;
    const sink = sinkOf(output);
    sink.write('first\n');
    void sink.flush(1);
    for (let i = 0; i < 100; i++) sink.write(`${'x'.repeat(999)}\n`);
    sink.writeLastLines();
    expect(output.taken).toBe(`first\n${`${'x'.repeat(999)}\n`.repeat(100)}`);
  });

  it('does not give twice, when the process ends, what is on its way by itself', () => {
    const output = new (class extends FakeOutput {
      override readonly isAsynchronous = true;
      override write(bytes: Buffer): void {
        this.taken += bytes.toString('latin1');
      }
    })();
    const sink = sinkOf(output);
    sink.write('first\n');
    void sink.flush(1);
    sink.write('last\n');
    sink.writeLastLines();
    expect(output.taken).toBe('first\nlast\n');
  });

  it('drops and counts lines above its backlog, and goes on when there is room again', async () => {
    const output = new FakeOutput();
    output.room = 0;
    const sink = sinkOf(output, 100);
    for (let i = 0; i < 30; i++) sink.write('123456789\n');
    expect(sink.droppedLines()).toBe(20);
    output.room = Number.POSITIVE_INFINITY;
    expect(await sink.flush(2_000)).toBe(true);
    sink.write('after\n');
    expect(await sink.flush(2_000)).toBe(true);
    expect(output.taken).toBe(`${'123456789\n'.repeat(10)}after\n`);
    expect(sink.droppedLines()).toBe(20);
  });

  it('counts the backlog in bytes', () => {
    const output = new FakeOutput();
    output.room = 0;
    const sink = sinkOf(output, 10);
    sink.write('ééééé\n');
    expect(sink.droppedLines()).toBe(1);
  });

  it('gives up waiting for an output that takes nothing', async () => {
    const output = new FakeOutput();
    output.room = 0;
    const sink = sinkOf(output);
    sink.write('a\n');
    expect(await sink.flush(30)).toBe(false);
  });

  it('drops what a broken output refused, and writes again when it is mended', async () => {
    const output = new FakeOutput();
    output.room = -1;
    const sink = sinkOf(output);
    sink.write('lost\n');
    sink.write('lost too\n');
    const flushed = sink.flush(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sink.droppedLines()).toBe(2);
    output.room = Number.POSITIVE_INFINITY;
    sink.write('kept\n');
    expect(await flushed).toBe(true);
    expect(output.taken).toBe('kept\n');
  });
});
