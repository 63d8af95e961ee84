import { expect, it } from 'vitest';
import { describeTally, explainFaults } from '../differential/explain-faults.ts';
import { runMany, type Tally } from '../differential/run-many.ts';
import { RunningSides } from '../differential/start-sides.ts';

/** Both fronts with 100 000 exchanges and more, of another seed each time but when one is given. */

const EXCHANGES = 100_000;
/** Routers are started anew after this many cases, since all that they log is kept here. */
const BATCH = 10_000;

it('the wire front and the Fastify front do the same with a hundred thousand exchanges', async () => {
  const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? Date.now() % 1_000_000_000);
  const total: Tally = { cases: 0, exchanges: 0, met: new Map(), settled: 0, faults: [] };
  for (let from = 0; total.exchanges < EXCHANGES; from += BATCH) {
    const running = await RunningSides.start();
    try {
      const tally = await runMany(running.sides, {
        seed,
        from,
        to: from + BATCH,
        exchanges: EXCHANGES - total.exchanges,
      });
      add(total, tally);
      expect(await explainFaults(tally, seed, running.sides)).toBe('');
      expect(await running.leftovers()).toEqual([]);
    } finally {
      await running.stop();
    }
  }
  console.log(describeTally(total, seed));
  expect(total.exchanges).toBeGreaterThanOrEqual(EXCHANGES);
});

function add(total: Tally, tally: Tally): void {
  total.cases += tally.cases;
  total.exchanges += tally.exchanges;
  total.settled += tally.settled;
  for (const [name, count] of tally.met) total.met.set(name, (total.met.get(name) ?? 0) + count);
}
