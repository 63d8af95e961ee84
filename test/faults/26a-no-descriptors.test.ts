import { expect } from 'vitest';
import { cpuOf, secondsBetween } from '../../bench/measure/process-cpu.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { sleep, until } from '../support/until.ts';
import { LatencyWatch } from './latency-watch.ts';
import type { StartedProxy } from './proxies/proxy.ts';
import { scenario } from './scenario.ts';

const DESCRIPTORS = 256;
const CLIENTS = 400;
const STARVED_MS = 3_000;

/** More clients connect than the proxy has file descriptors for, and go away again. */
scenario({
  number: '26a',
  title: `${DESCRIPTORS} file descriptors, ${CLIENTS} clients`,
  aim: 'running ones unharmed, < 20 % CPU meanwhile, recovers',
  measure: async (trial) => {
    const backend = await trial.backend('feature');
    const proxy = await trial.start(
      { legacy: backend.port, feature: [backend.port] },
      { descriptors: DESCRIPTORS },
    );
    const watch = new LatencyWatch(proxy.port, '/feature');
    trial.atEnd(() => watch.stop());
    await sleep(500);
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => RawClient.connect(proxy.port).catch(() => null)),
    );
    await sleep(500);
    watch.take();
    const before = cpuOf(proxy.pids());
    await sleep(STARVED_MS);
    const share = secondsBetween(before, cpuOf(proxy.pids())) / (STARVED_MS / 1_000);
    const { count, failed } = watch.take();
    for (const client of clients) client?.destroy();
    const from = performance.now();
    await until(
      () => ask(proxy.port, get('/feature')).catch(() => null),
      (answer) => answer?.status === 200,
      { withinMs: 20_000, what: 'an answer to a new client' },
    );
    const recoveredMs = Math.round(performance.now() - from);
    return {
      good: count - failed,
      failed,
      cpuPercent: Math.round(share * 100),
      recoveredMs,
      ...ownLines(proxy),
    };
  },
  text: ({ good, failed, cpuPercent, recoveredMs, lines }) =>
    `running client: ${good} × 2xx, ${failed} failed; ${cpuPercent} % CPU; a new client after ${recoveredMs} ms${lines === null ? '' : `; ${lines} log lines about it`}`,
  meets: ({ good, failed, cpuPercent, recoveredMs }) => {
    expect(good).toBeGreaterThan(50);
    expect(failed).toBe(0);
    expect(cpuPercent).toBeLessThan(20);
    expect(recoveredMs).toBeLessThan(2_000);
  },
});

/** What is written about it is bounded too. */
function ownLines(proxy: StartedProxy): { readonly lines: number | null } {
  if (proxy.kind !== 'banyan') return { lines: null };
  return { lines: proxy.router.logs().filter(({ level }) => level === 'warn' || level === 'error').length };
}
