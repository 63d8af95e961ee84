import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { startNamed } from '../support/named-backend.ts';
import { get } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import { scenario } from './scenario.ts';

const PERIODS = 6;

/** The only endpoint is up for a second and down for a second. Nothing else could answer: requests are held. */
scenario({
  number: '13',
  title: `the only endpoint flaps: 1 s up, 1 s down, ${PERIODS} ×; no fallback, GET`,
  aim: '0 failed; one transition a period',
  measure: async (trial) => {
    const feature = await startNamed('feature');
    const { port } = feature;
    trial.atEnd(() => feature.stop());
    const legacy = await trial.backend('legacy');
    const proxy = await trial.start({ legacy: legacy.port, feature: [port] });
    const load = new Load(proxy.port, { clients: 8, pauseMs: 5, request: () => get('/feature') });
    for (let i = 0; i < PERIODS; i++) {
      await sleep(1_000);
      await feature.stop();
      await sleep(1_000);
      await feature.listen(port);
    }
    await sleep(1_000);
    const figures = await load.stop();
    const said = proxy.kind === 'banyan' ? proxy.router.logs().map(({ msg }) => String(msg)) : [];
    return { ...figures, kind: proxy.kind, ...transitionsIn(said) };
  },
  text: (figures) =>
    `${loadText(figures)}${figures.kind === 'banyan' ? `; ${figures.downs} × out of use, ${figures.ups} × back` : ''}`,
  meets: (figures) => {
    expect(failedIn(figures)).toBe(0);
    expect(figures.downs).toBe(PERIODS);
    expect(figures.ups).toBe(PERIODS);
  },
});

/**
 * How often the endpoint went out of use, and came back. Its first connection that failed and its breaker that opens
 * soon after are two lines of the log, and one transition.
 */
function transitionsIn(said: readonly string[]): { readonly downs: number; readonly ups: number } {
  const counts = { downs: 0, ups: 0 };
  let isOut = false;
  for (const line of said) {
    const goesOut = /^an endpoint (?:does not accept|takes no more)/.test(line);
    if (goesOut && !isOut) counts.downs += 1;
    const comesBack = /^an endpoint (?:accepts connections|takes requests) again/.test(line);
    if (comesBack) counts.ups += 1;
    isOut = goesOut || (isOut && !comesBack);
  }
  return counts;
}
