import { expect } from 'vitest';
import { freePort } from '../../bench/processes.ts';
import { Load } from '../support/load.ts';
import { get, post } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import { scenario } from './scenario.ts';

/** Of two addresses one refuses connections, from the start. */
scenario({
  number: '7',
  title: 'two addresses, one dead; GET and POST',
  aim: '0 failed; the dead one ejected',
  measure: async (trial) => {
    const alive = await trial.backend('feature');
    const proxy = await trial.start({ legacy: alive.port, feature: [await freePort(), alive.port] });
    const load = new Load(proxy.port, {
      clients: 8,
      pauseMs: 2,
      request: (client) => (client % 2 === 0 ? get('/feature') : post('/feature', 'x')),
    });
    await sleep(3_000);
    const labels = { backend: 'feature', state: 'ejected' };
    const ejected =
      proxy.kind === 'banyan' ? await proxy.router.metric('banyan_backend_endpoints', labels) : null;
    return { ...(await load.stop()), ejected };
  },
  text: (figures) => `${loadText(figures)}${figures.ejected === null ? '' : `; ${figures.ejected} ejected`}`,
  meets: (figures) => {
    expect(failedIn(figures)).toBe(0);
    expect(figures.ejected).toBe(1);
  },
});
