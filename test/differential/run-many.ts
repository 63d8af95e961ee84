import { compareRuns, type Difference } from './compare-runs.ts';
import type { DifferentialCase, Ending } from './differential-case.ts';
import { drawCase } from './draw-case.ts';
import { brokenInvariant } from './invariants.ts';
import { type KnownDifference, knownDifference } from './known-differences.ts';
import { Random, seedOf } from './random.ts';
import { type Run, runCase, type Side } from './run-case.ts';

/** The two sides. */
export interface Sides {
  readonly wire: Side;
  readonly fastify: Side;
}

/** What came of one case. */
export interface Verdict {
  readonly one: DifferentialCase;
  readonly runs: { readonly wire: Run; readonly fastify: Run };
  /** What is wrong on one side alone. */
  readonly broken: string | null;
  readonly difference: Difference | null;
  readonly known: KnownDifference | null;
}

/** How much to run. */
export interface Amount {
  readonly seed: number;
  /** Numbers of the cases to draw. */
  readonly from: number;
  readonly to: number;
  /** Enough, also before the last case. */
  readonly exchanges?: number;
}

/** What came of many. */
export interface Tally {
  cases: number;
  /** Requests that got an answer, on each side. */
  exchanges: number;
  /** How often each known difference was met. */
  readonly met: Map<string, number>;
  /** Cases that differed, and did no more when they were run again with more time, or alone. */
  settled: number;
  readonly faults: { readonly index: number; readonly verdict: Verdict }[];
}

/**
 * Silence that ends a case, ms, when it is run for the first, second, third time: short where a silent connection is
 * what most cases end with, long before anything is called a fault.
 */
const QUIET_MS: Readonly<Record<Ending, readonly [number, number, number]>> = {
  last: [800, 2000, 2500],
  fin: [800, 2000, 2500],
  reset: [150, 500, 1000],
  wait: [250, 1000, 2500],
};
const MOST_TRIES = 3;
/** Cases under way at a time. */
const LANES = 24;
/** More than this says no more. */
const MOST_FAULTS = 5;

/** Something is wrong that nobody knew of. */
export function isFault({ broken, difference, known }: Omit<Verdict, 'one' | 'runs'>): boolean {
  return broken !== null || (difference !== null && known === null);
}

/** Gives each case an address of its own: 127.0.0.0/8 is all this machine's. */
export class Addresses {
  #next = 0;
  readonly #network: number;

  /** `network`: the second number of the first address; no two users of a router may meet. */
  constructor(network = 1) {
    this.#network = network;
  }

  take(): string {
    const number = ++this.#next;
    return `127.${this.#network + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
  }
}

/** Runs one case on both sides; again, with more time, when they differ. */
export async function judgeCase(
  one: DifferentialCase,
  sides: Sides,
  addresses: Addresses,
): Promise<Verdict & { tries: number }> {
  for (let tries = 1; ; tries++) {
    const terms = { address: addresses.take(), quietMs: QUIET_MS[one.ending][tries - 1] as number };
    const [wire, fastify] = await Promise.all([
      runCase(one, sides.wire, terms),
      runCase(one, sides.fastify, terms),
    ]);
    const broken = [wire, fastify].map(brokenInvariant).find((found) => found !== null) ?? null;
    const difference = compareRuns(one, wire, fastify);
    const known = difference === null ? null : knownDifference(one, difference);
    if (!isFault({ broken, difference, known }) || broken !== null || tries === MOST_TRIES)
      return { one, runs: { wire, fastify }, broken, difference, known, tries };
  }
}

/** Runs the cases of a seed. Stops early when enough is wrong. */
export async function runMany(sides: Sides, amount: Amount): Promise<Tally> {
  const tally: Tally = { cases: 0, exchanges: 0, met: new Map(), settled: 0, faults: [] };
  const addresses = new Addresses();
  const most = amount.exchanges ?? Number.POSITIVE_INFINITY;
  let next = amount.from;
  const lane = async (): Promise<void> => {
    while (next < amount.to && tally.exchanges < most && tally.faults.length < MOST_FAULTS) {
      const index = next++;
      const one = drawCase(new Random(seedOf(amount.seed, index)));
      count(tally, index, await judgeCase(one, sides, addresses));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await settleAlone(tally, sides, addresses);
  return tally;
}

/** What the moment decided (a connection that a backend closed just then) comes out alike when nothing else runs. */
async function settleAlone(tally: Tally, sides: Sides, addresses: Addresses): Promise<void> {
  for (const fault of [...tally.faults]) {
    const { one, broken } = fault.verdict;
    if (broken !== null) continue;
    const again = await judgeCase(one, sides, addresses);
    if (isFault(again)) continue;
    tally.faults.splice(tally.faults.indexOf(fault), 1);
    tally.settled++;
  }
}

function count(tally: Tally, index: number, verdict: Verdict & { tries: number }): void {
  const { known, runs, tries } = verdict;
  tally.cases++;
  tally.exchanges += runs.wire.answers.length;
  if (isFault(verdict)) tally.faults.push({ index, verdict });
  else if (tries > 1) tally.settled++;
  if (known !== null) tally.met.set(known.name, (tally.met.get(known.name) ?? 0) + 1);
}
