/**
 * A process that logs more than anybody reads, for the tests of a blocked output. It is started as a child with the
 * log on its stdout, and reports on its own IPC channel how its event loop fared.
 */
import { createLogSink } from '../../src/observe/log-sink.ts';

const sink = createLogSink({ fd: 1 });
const line = `${'x'.repeat(1023)}\n`;
const LINES_A_TURN = 200;

function report(what: object): void {
  process.send?.(what);
}

/** Writes so many lines over many turns of the event loop, and tells the longest turn in ms. */
async function makeNoise(lines: number): Promise<void> {
  let longest = 0;
  for (let i = 0; i < lines; i += LINES_A_TURN) {
    const start = performance.now();
    for (let j = 0; j < LINES_A_TURN; j++) sink.write(line);
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, performance.now() - start);
  }
  report({ longest, dropped: sink.droppedLines(), rss: process.memoryUsage().rss });
}

process.on('exit', () => sink.writeLastLines());
process.on('message', async (message: { lines?: number; end?: number; die?: number }) => {
  if (message.lines !== undefined) await makeNoise(message.lines);
  if (message.die !== undefined) {
    for (let i = 0; i < message.die; i++) sink.write(line);
    throw new Error('a fault that ends the process');
  }
  if (message.end !== undefined) {
    const isFlushed = await sink.flush(message.end);
    report({ isFlushed });
    process.exit(0);
  }
});
report({ isUp: true });
