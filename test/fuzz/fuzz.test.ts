import { expect, it } from 'vitest';
import { BANYAN_TERMS, BanyanStage } from './banyan-stage.ts';
import { reportFound } from './report-found.ts';
import { runFuzz } from './run-fuzz.ts';

/** A few seconds of what `npm run fuzz` does for as long as one likes (docs/fuzzing.md), always the same. */

it('holds its promises for a few thousand exchanges of a fixed seed', async () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 1);
  const stage = await BanyanStage.start();
  try {
    const tally = await runFuzz(stage, BANYAN_TERMS, { seed, exchanges: 5_000, lanes: 96, mostFound: 3 });
    expect(tally.found.map((found) => reportFound(found, seed)).join('\n\n')).toBe('');
    expect(await stage.leftovers()).toEqual([]);
    // Most of what is drawn is served: else nothing would be said by this.
    expect(tally.passed).toBeGreaterThan(tally.exchanges / 2);
  } finally {
    await stage.stop();
  }
});
