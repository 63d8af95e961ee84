import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { get } from '../support/raw-client.ts';
import { sleep, until } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import type { StartedProxy } from './proxies/proxy.ts';
import { scenario } from './scenario.ts';

/** A feature is killed and started again, five times under load, with legacy to fall back on. */
scenario({
  number: '1',
  title: 'feature killed under load 5 ×, fallback on, GET',
  aim: '0 failed; endpoint out of use < 1 s',
  measure: async (trial) => {
    const feature = await trial.featureProcess();
    const legacy = await trial.backend('legacy');
    const proxy = await trial.start({ legacy: legacy.port, feature: [feature.port], fallback: true });
    const by: Record<string, number> = {};
    const load = new Load(proxy.port, {
      clients: 16,
      pauseMs: 2,
      request: (_, number) => get(`/feature/${number}`),
      onAnswer: (answer) => {
        const name = answer.header('x-answered-by') ?? 'nobody';
        by[name] = (by[name] ?? 0) + 1;
      },
    });
    const outAfterMs: number[] = [];
    for (let i = 0; i < 5; i++) {
      await sleep(400);
      const [, outMs] = await Promise.all([feature.kill(), timeUntilOut(proxy)]);
      outAfterMs.push(outMs);
      await sleep(300);
      await feature.start();
    }
    await sleep(400);
    const figures = await load.stop();
    return { ...figures, by, outAfterMs: Math.max(...outAfterMs), kind: trial.kind };
  },
  text: (figures) =>
    `${loadText(figures)}${figures.kind === 'banyan' ? `; out of use after at most ${figures.outAfterMs} ms` : ''}`,
  meets: (figures) => {
    expect(failedIn(figures)).toBe(0);
    expect(figures.by['legacy']).toBeGreaterThan(50);
    expect(figures.by['feature']).toBeGreaterThan(50);
    expect(figures.outAfterMs).toBeLessThan(1_000);
  },
});

/** Milliseconds until Banyan says that the feature has no endpoint that is available; 0 of others, who don't say. */
async function timeUntilOut(proxy: StartedProxy): Promise<number> {
  if (proxy.kind !== 'banyan') return 0;
  const from = performance.now();
  const labels = { backend: 'feature', state: 'available' };
  await until(
    () => proxy.router.metric('banyan_backend_endpoints', labels),
    (available) => available === 0,
    { withinMs: 10_000, what: 'an endpoint out of use' },
  );
  return Math.round(performance.now() - from);
}
