import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { Load, type LoadFigures } from '../support/load.ts';
import { get } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import type { StartedProxy } from './proxies/proxy.ts';
import { scenario } from './scenario.ts';

const RELOADS = 100;
const OVER_MS = 5_000;

/** The file changes again and again, while clients that keep their connections and clients that do not ask on. */
scenario({
  number: '21',
  title: `${RELOADS} reloads in ${OVER_MS / 1_000} s under load`,
  aim: '0 lost, 0 closed while idle',
  measure: async (trial) => {
    const backend = await trial.backend('feature');
    const shop = { legacy: backend.port, feature: [backend.port] };
    const proxy = await trial.start(shop);
    const loads = {
      kept: new Load(proxy.port, { clients: 12, pauseMs: 3, request: () => get('/feature') }),
      fresh: new Load(proxy.port, {
        clients: 4,
        pauseMs: 1,
        request: () => get('/feature', ['Connection: close']),
      }),
    };
    await sleep(300);
    for (let i = 0; i < RELOADS; i++) {
      await proxy.reload({ ...shop, silenceMs: 60_000 + (i % 2) * 1_000 });
      await sleep(OVER_MS / RELOADS);
    }
    await sleep(500);
    const eachMs = proxy.kind === 'banyan' ? await reloadOneByOne(proxy) : null;
    const figures = { kept: await loads.kept.stop(), fresh: await loads.fresh.stop() };
    return { ...figures, eachMs };
  },
  text: ({ kept, fresh, eachMs }) =>
    `kept connections: ${loadText(kept)}; new ones: ${loadText(fresh)}${eachMs === null ? '' : `; another ${RELOADS}, each awaited: in force after ${eachMs} ms`}`,
  meets: ({ kept, fresh, eachMs }) => {
    for (const figures of [kept, fresh] satisfies LoadFigures[]) expect(failedIn(figures)).toBe(0);
    expect([kept.idleClosed, kept.refused, fresh.refused]).toEqual([0, 0, 0]);
    expect(eachMs).toBeLessThan(1_000);
  },
});

/** Saves in quick succession are read as one, so each of these waits until the one before is in force; ms, the mean. */
async function reloadOneByOne({ router }: StartedProxy): Promise<number> {
  const text = await readFile(router.routesFile, 'utf8');
  const from = performance.now();
  for (let i = 0; i < RELOADS; i++) await router.edit(`${text}# ${i}\n`);
  return Math.round((performance.now() - from) / RELOADS);
}
