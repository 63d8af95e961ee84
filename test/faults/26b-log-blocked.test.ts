import { expect } from 'vitest';
import { freePort } from '../../bench/processes.ts';
import { Load } from '../support/load.ts';
import { get } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, grouped, loadText } from './load-text.ts';
import { shellNode } from './proxies/limited-command.ts';
import { IS_LONG, scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

const LOAD_MS = IS_LONG ? 60_000 : 5_000;
/** Long, so that the 16 MiB that may wait are soon full. */
const PATH = `/feature/${'p'.repeat(6_000)}`;

for (const [number, what, output] of [
  ['26b', 'nobody reads the log', '> >(exec tail --pid=$$ -f /dev/null > /dev/null 2>&1)'],
  ['26c', 'the log’s disk is full', '> /dev/full 2> /dev/full'],
] as const) {
  scenario({
    number,
    title: `${what}, under load`,
    aim: 'no request lost or slow by it; memory bounded; drops counted',
    withoutPeers: '– (they write to no pipe)',
    measure: (trial) => measureWithLog(trial, output),
    text: (figures) =>
      `${loadText(figures)}; ${grouped(figures.dropped)} lines dropped, ${figures.memoryMib} MiB resident`,
    meets: (figures) => {
      expect(failedIn(figures)).toBe(0);
      expect(figures.answered).toBeGreaterThan(500);
      expect(figures.dropped).toBeGreaterThan(0);
      expect(figures.memoryMib).toBeLessThan(300);
    },
  });
}

/** A router whose output goes there. The harness learns that it listens by another way than its log. */
async function measureWithLog(trial: Trial, output: string) {
  const backend = await trial.backend('feature');
  const [port, admin] = [await freePort(), await freePort()];
  const listening = JSON.stringify({
    msg: 'listening',
    listen: `127.0.0.1:${port}`,
    admin: `127.0.0.1:${admin}`,
  });
  const node = await shellNode(
    (program) =>
      `(until (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.05; done; echo '${listening}') &\nexec ${program} "$@" ${output}`,
  );
  trial.atEnd(() => node.remove());
  const proxy = await trial.start(
    { legacy: backend.port, feature: [backend.port] },
    {
      node: node.file,
      flags: ['--listen', `127.0.0.1:${port}`, '--admin', `127.0.0.1:${admin}`],
    },
  );
  const load = new Load(proxy.port, { clients: 8, request: () => get(PATH) });
  await sleep(LOAD_MS);
  const figures = await load.stop();
  return {
    ...figures,
    dropped: await proxy.router.metric('banyan_log_lines_dropped_total'),
    memoryMib: Math.round((await proxy.router.metric('process_resident_memory_bytes')) / 2 ** 20),
  };
}
