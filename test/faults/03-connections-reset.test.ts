import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { get, post } from '../support/raw-client.ts';
import { sleep, until } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import { scenario } from './scenario.ts';

const CLIENTS = 8;
const RESETS = 20;

/** A backend resets all its connections under load, those in use and those kept. */
scenario({
  number: '3',
  title: `backend resets all its connections ${RESETS} ×`,
  aim: 'GET 0 failed; POST only those in flight',
  measure: async (trial) => {
    const feature = await trial.backend('feature');
    const proxy = await trial.start({ legacy: feature.port, feature: [feature.port] });
    const loads = {
      get: new Load(proxy.port, { clients: CLIENTS, pauseMs: 1, request: () => get('/feature') }),
      post: new Load(proxy.port, { clients: CLIENTS, pauseMs: 1, request: () => post('/feature', 'x') }),
    };
    await until(
      () => loads.get.answered,
      (count) => count > 200,
      { withinMs: 20_000 },
    );
    for (let i = 0; i < RESETS; i++) {
      await sleep(150);
      feature.resetAll();
    }
    return { get: await loads.get.stop(), post: await loads.post.stop() };
  },
  text: (figures) => `GET: ${loadText(figures.get)}; POST: ${loadText(figures.post)}`,
  meets: (figures) => {
    expect(failedIn(figures.get)).toBe(0);
    expect(figures.post.lost).toEqual([]);
    expect(failedIn(figures.post)).toBeLessThanOrEqual(CLIENTS * RESETS);
  },
});
