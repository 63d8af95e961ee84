import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { post } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, grouped, loadText } from './load-text.ts';
import { scenario } from './scenario.ts';

const CLIENTS = 16;
const KILLS = 5;

/** The same with POSTs, counted where they are done: by the feature before it answers, and by legacy. */
scenario({
  number: '2',
  title: 'the same with POST, counted in the backends',
  aim: '0 done twice; failed ≤ in flight',
  measure: async (trial) => {
    const feature = await trial.featureProcess();
    const legacy = await trial.backend('legacy');
    const proxy = await trial.start({ legacy: legacy.port, feature: [feature.port], fallback: true });
    const load = new Load(proxy.port, {
      clients: CLIENTS,
      pauseMs: 2,
      request: (client, number) => post(`/feature/${client}/${number}`, 'x=1'),
    });
    for (let i = 0; i < KILLS; i++) {
      await sleep(400);
      await feature.kill();
      await sleep(300);
      await feature.start();
    }
    await sleep(400);
    const figures = await load.stop();
    const done = [...(await feature.done()), ...legacy.requests.map(({ target }) => target)];
    return { ...figures, done: done.length, twice: done.length - new Set(done).size };
  },
  text: (figures) => `${loadText(figures)}; ${grouped(figures.done)} done, ${figures.twice} of them twice`,
  meets: (figures) => {
    expect(figures.twice).toBe(0);
    expect(failedIn(figures)).toBeLessThanOrEqual(CLIENTS * KILLS);
    expect(figures.done).toBeGreaterThan(200);
  },
});
