import { expect } from 'vitest';
import { freePort } from '../../bench/processes.ts';
import { ask, get } from '../support/raw-client.ts';
import { startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';
import { scenario } from './scenario.ts';

const PLACES = Array.from({ length: 200 }, (_, i) => i * 50);

/** The router is killed and started again at once. What an engine adds to that, test/docker/faults.test.ts says. */
scenario({
  number: '25',
  title: 'router killed and started again',
  aim: '< 2 s; same clients, same sides',
  withoutPeers: '– (they keep no clients)',
  measure: async (trial) => {
    const [legacy, feature] = [await trial.backend('legacy'), await trial.backend('feature')];
    const routes = [
      `legacy: ${legacy.url}`,
      'features:',
      '  feature:',
      `    url: ${feature.url}`,
      '    stage: canary',
      '    canary: { share: 30% }',
      'routes:',
      '  - match: { prefix: /feature }',
      '    to: feature',
      '',
    ].join('\n');
    const port = await freePort();
    const start = () => startRouter(routes, { flags: ['--listen', `127.0.0.1:${port}`] });
    const sides = async (): Promise<(string | undefined)[]> => {
      const asked: (string | undefined)[] = [];
      for (const place of PLACES) {
        const answer = await ask(port, get('/feature', [`Cookie: banyan=${place}`]));
        asked.push(answer.header('x-answered-by'));
      }
      return asked;
    };
    const first = await start();
    const before = await sides();
    const from = performance.now();
    await first.stop('SIGKILL');
    const starting = start();
    trial.atEnd(async () => (await starting).stop('SIGKILL'));
    await until(
      () => ask(port, get('/feature')).catch(() => null),
      (answer) => answer?.status === 200,
      { withinMs: 20_000, what: 'an answer' },
    );
    const awayMs = Math.round(performance.now() - from);
    const after = await sides();
    const moved = after.filter((side, i) => side !== before[i]).length;
    return { awayMs, moved, onFeature: before.filter((side) => side === 'feature').length };
  },
  text: ({ awayMs, moved, onFeature }) =>
    `away for ${awayMs} ms; ${moved} of ${PLACES.length} clients moved (${onFeature} with the feature)`,
  meets: ({ awayMs, moved, onFeature }) => {
    expect(awayMs).toBeLessThan(2_000);
    expect(moved).toBe(0);
    expect(onFeature).toBeGreaterThan(30);
  },
});
