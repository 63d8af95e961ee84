import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { withHttp2 } from '../front/http2/http2-bench.ts';
import { playConversations } from '../front/http2/play-conversations.ts';
import { seeded } from '../support/seeded.ts';

/** Many conversations of HTTP/2 by chance. `HTTP2_SEED` plays those of a seed again. */

const SEED = Number(process.env['HTTP2_SEED'] ?? Date.now() % 1_000_000);
const COUNT = 50_000;
const MOST_GROWTH = 20 * 1024 * 1024;

/** What is still held once all garbage is gone. */
function keptBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const bench = withHttp2({ headerTimeoutMs: 500, keepAliveMs: 1000, bodyTimeoutMs: 500 });

it(`${COUNT} conversations leave nothing behind (seed ${SEED})`, { timeout: 600_000 }, async () => {
  const isWarm = await playConversations(bench(), seeded(SEED), (count) => count >= 2000);
  expect(isWarm.conversations).toBe(2000);
  const before = keptBytes();
  const { exchanges } = await playConversations(bench(), seeded(SEED), (count) => count >= COUNT);
  expect(exchanges).toBeGreaterThan(COUNT);
  expect(keptBytes() - before).toBeLessThan(MOST_GROWTH);
});
