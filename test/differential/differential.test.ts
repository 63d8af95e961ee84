import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeTally, explainFaults } from './explain-faults.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { Addresses, judgeCase, runMany } from './run-many.ts';
import { RunningSides } from './start-sides.ts';

/** Another seed, or one case of it, as a report of a fault names them. */
const SEED = Number(process.env['DIFFERENTIAL_SEED'] ?? 1);
const CASE = process.env['DIFFERENTIAL_CASE'];
const CASES = 1500;

describe('the wire front and the Fastify front', () => {
  let running: RunningSides;
  beforeAll(async () => {
    running = await RunningSides.start();
  });
  afterAll(() => running.stop());

  it('do the same with generated requests and answers, but for known differences', async () => {
    const from = Number(CASE ?? 0);
    const tally = await runMany(running.sides, {
      seed: SEED,
      from,
      to: CASE === undefined ? CASES : from + 1,
    });
    console.log(describeTally(tally, SEED));
    expect(await explainFaults(tally, SEED, running.sides)).toBe('');
    expect(await running.leftovers()).toEqual([]);
  }, 120_000);

  it.each(KNOWN_DIFFERENCES)('differ still in: $name', async (known) => {
    const {
      difference,
      known: found,
      broken,
    } = await judgeCase(known.example, running.sides, new Addresses(250));
    expect(difference, 'a difference that is no more has to leave the list').not.toBeNull();
    expect({ found: found?.name, broken }).toEqual({ found: known.name, broken: null });
  });
});
