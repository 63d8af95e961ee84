import { expect, it } from 'vitest';
import { BANYAN_TERMS, BanyanStage } from './banyan-stage.ts';
import { reportFound } from './report-found.ts';
import { runFuzz } from './run-fuzz.ts';

/** A few seconds of what `npm run fuzz` does for as long as one likes (docs/fuzzing.md), always the same. */

it.each([
  ['', false, 4_000],
  [', through TLS', true, 1_000],
] as const)(
  'holds its promises for exchanges of a fixed seed%s',
  async (_, isTls, exchanges) => {
    const seed = 1;
    const stage = await BanyanStage.start({ isTls });
    try {
      const tally = await runFuzz(stage, BANYAN_TERMS, { seed, exchanges, lanes: 96, mostFound: 3 });
      expect(tally.found.map((found) => reportFound(found, seed)).join('\n\n')).toBe('');
      expect(await stage.leftovers()).toEqual([]);
      // Most of what is drawn is served: else nothing would be said by this.
      expect(tally.passed).toBeGreaterThan(tally.exchanges / 2);
    } finally {
      await stage.stop();
    }
  },
  90_000,
);
