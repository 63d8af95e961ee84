import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { plantDns } from '../support/planted-dns.ts';
import { get } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import type { StartedProxy } from './proxies/proxy.ts';
import { IS_LONG, scenario } from './scenario.ts';

const FAILS_S = IS_LONG ? 30 : 8;

/** The name server says SERVFAIL, then nothing at all, while requests go on. */
scenario({
  number: '6',
  title: `DNS says SERVFAIL for ${FAILS_S} s, then is silent for ${FAILS_S} s`,
  aim: '0 failed; event loop never late by 50 ms (p99)',
  measure: async (trial) => {
    const dns = await plantDns();
    trial.atEnd(() => dns.stop());
    const feature = await trial.backend('feature');
    dns.server.set('feature.test', ['127.0.0.1']);
    const proxy = await trial.start(
      {
        legacy: feature.port,
        feature: { name: 'feature.test', port: feature.port, nameServer: dns.server.address },
      },
      { nodeFlags: dns.nodeFlags },
    );
    await sleep(2_500);
    const load = new Load(proxy.port, { clients: 8, pauseMs: 5, request: () => get('/feature') });
    await sleep(1_500);
    const calmMs = await lagMs(proxy);
    for (const reply of ['SERVFAIL', 'silence'] as const) {
      dns.server.setEverything(reply);
      await sleep(FAILS_S * 1_000);
    }
    const failingMs = await lagMs(proxy);
    return { ...(await load.stop()), calmMs, failingMs };
  },
  text: (figures) =>
    `${loadText(figures)}${figures.failingMs === null ? '' : `; event loop late by ${figures.failingMs} ms (p99), ${figures.calmMs} ms before`}`,
  meets: (figures) => {
    expect(failedIn(figures)).toBe(0);
    // Prom-client measures with a timer of 10 ms, which counts in.
    expect(figures.failingMs).toBeLessThan(50 + (figures.calmMs ?? 0));
  },
});

/** Since the last time this was asked; null of others than Banyan. */
async function lagMs(proxy: StartedProxy): Promise<number | null> {
  if (proxy.kind !== 'banyan') return null;
  return Math.round((await proxy.router.metric('nodejs_eventloop_lag_p99_seconds')) * 1_000);
}
