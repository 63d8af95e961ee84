import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { get } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import { IS_LONG, scenario } from './scenario.ts';

const KILLS = IS_LONG ? 40 : 10;

/** A feature that nobody stands in for is killed and started again, sooner than `hold_while_down` (3 s) is over. */
scenario({
  number: '1b',
  title: `feature killed and started at once ${KILLS} ×, no fallback, GET`,
  aim: '0 failed',
  measure: async (trial) => {
    const feature = await trial.featureProcess();
    const legacy = await trial.backend('legacy');
    const proxy = await trial.start({ legacy: legacy.port, feature: [feature.port] });
    const load = new Load(proxy.port, {
      clients: 16,
      pauseMs: 1,
      request: (_, number) => get(`/feature/${number}`),
    });
    for (let i = 0; i < KILLS; i++) {
      await sleep(300);
      await feature.kill();
      await feature.start();
    }
    await sleep(400);
    return load.stop();
  },
  text: (figures) => loadText(figures),
  meets: (figures) => expect(failedIn(figures)).toBe(0),
});
