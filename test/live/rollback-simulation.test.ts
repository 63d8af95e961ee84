/** What docs/auto-rollback.md promises of chance, simulated: seeded, and looked at as often as the router looks. */
import { describe, expect, it } from 'vitest';
import { FeatureWindow } from '../../src/live/feature-window.ts';
import { judgeWindow } from '../../src/live/judge-window.ts';
import { SideTally } from '../../src/live/side-tally.ts';
import type { AutoRollback } from '../../src/model/route-table.ts';
import { gauss, poisson, seeded } from '../support/seeded.ts';

const LOOKS = 60;

/** One side: requests a second, the share of them that fails, and the median of its times, if they count. */
interface SimulatedSide {
  readonly perSecond: number;
  readonly failing: number;
  readonly medianMs?: number;
}

interface Simulation {
  readonly own: SimulatedSide;
  readonly legacy: SimulatedSide;
  readonly limits: AutoRollback;
  readonly random: () => number;
}

function limitsOf(limits: { aboveLegacy?: number; max?: number; timesLegacy?: number }): AutoRollback {
  return {
    windowMs: 60_000,
    minRequests: 200,
    errors: { max: limits.max ?? null, aboveLegacy: limits.aboveLegacy ?? null },
    p95: { maxMs: null, timesLegacy: limits.timesLegacy ?? null },
    holdMs: null,
  };
}

function secondOf(side: SimulatedSide, random: () => number): SideTally {
  const tally = new SideTally(side.medianMs !== undefined);
  for (let left = poisson(random, side.perSecond); left > 0; left--) {
    const ms = side.medianMs === undefined ? null : side.medianMs * Math.exp(0.6 * gauss(random));
    tally.count(random() < side.failing, ms);
  }
  return tally;
}

/** Traffic of a router, in which the window is full from the start. */
class Traffic {
  #now = 0;
  #own: SimulatedSide;
  #window: FeatureWindow;
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#own = simulation.own;
    this.#window = this.#empty();
    for (let second = 0; second < LOOKS; second++) this.#add();
  }

  ownBecomes(own: SimulatedSide): void {
    this.#own = own;
  }

  /** Looks, second by second, for as long as a window is. True if it was rolled back; then it begins anew. */
  isRolledBackInOneWindow(): boolean {
    for (let second = 0; second < LOOKS; second++) {
      this.#add();
      if (judgeWindow(this.#window, this.#simulation.limits).why === null) continue;
      this.#window = this.#empty();
      return true;
    }
    return false;
  }

  #empty(): FeatureWindow {
    const { windowMs, p95 } = this.#simulation.limits;
    return new FeatureWindow(windowMs, p95.timesLegacy !== null, this.#now);
  }

  #add(): void {
    const { legacy, random } = this.#simulation;
    this.#now += 1_000;
    const counts = { own: secondOf(this.#own, random).counts(), legacy: secondOf(legacy, random).counts() };
    this.#window.add(counts, this.#now);
  }
}

/** Of so many windows of the same traffic, how many are rolled back. */
function rolledBackOf(windows: number, simulation: Simulation): number {
  const traffic = new Traffic(simulation);
  let count = 0;
  for (let window = 0; window < windows; window++) if (traffic.isRolledBackInOneWindow()) count++;
  return count;
}

/** Of so many windows at whose begin the feature becomes like this, after it was like legacy, how many. */
function caughtOf(windows: number, simulation: Simulation): number {
  const { own, legacy } = simulation;
  let count = 0;
  for (let window = 0; window < windows; window++) {
    const traffic = new Traffic({ ...simulation, own: { ...legacy, perSecond: own.perSecond } });
    traffic.ownBecomes(own);
    if (traffic.isRolledBackInOneWindow()) count++;
  }
  return count;
}

describe('two equal sides', () => {
  it.each([
    [0.001, 25, 25],
    [0.01, 5, 45],
    [0.1, 4, 4],
  ])(
    'that fail %f of %i and %i requests a second are rolled back, one point above legacy allowed, in less than 1 of 1 000 windows',
    (...of) => {
      const [failing, ours, theirs] = of;
      const simulation = {
        own: { perSecond: ours, failing },
        legacy: { perSecond: theirs, failing },
        limits: limitsOf({ aboveLegacy: 0.01 }),
        random: seeded(1),
      };
      const count = rolledBackOf(10_000, simulation);
      console.log(`two equal sides that fail ${failing}: ${count} of 10 000 windows rolled back`);
      expect(count).toBeLessThan(10);
    },
  );

  it('are rolled back at no margin at all in less than 0.1 % of windows', () => {
    const side = { perSecond: 10, failing: 0.02 };
    const limits = limitsOf({ aboveLegacy: 0 });
    expect(rolledBackOf(10_000, { own: side, legacy: side, limits, random: seeded(2) })).toBeLessThan(10);
  });

  it('are not rolled back for their times, the margin being none', () => {
    const side = { perSecond: 4, failing: 0, medianMs: 50 };
    const limits = limitsOf({ timesLegacy: 1 });
    expect(rolledBackOf(150, { own: side, legacy: side, limits, random: seeded(3) })).toBe(0);
  });
});

describe('a feature that fails', () => {
  it.each([
    [25, 25],
    [50, 50],
    [50, 450],
    [10, 40],
  ])('5 % of %i a second against 0.1 %% of %i is rolled back within one window', (ours, theirs) => {
    const caught = caughtOf(200, {
      own: { perSecond: ours, failing: 0.05 },
      legacy: { perSecond: theirs, failing: 0.001 },
      limits: limitsOf({ aboveLegacy: 0.01, max: 0.5 }),
      random: seeded(4),
    });
    console.log(`5 % of ${ours} a second against 0.1 % of ${theirs}, of 200 windows caught:`, caught);
    expect(caught).toBeGreaterThanOrEqual(ours < 25 ? 190 : 200);
  });

  it('and gets a tenth of them, in most cases within one window', () => {
    const own = { perSecond: 5, failing: 0.05 };
    const all = { own, legacy: { perSecond: 45, failing: 0.001 }, random: seeded(5) };
    const caught = caughtOf(200, { ...all, limits: limitsOf({ aboveLegacy: 0.01 }) });
    console.log('a tenth of the requests, of 200 windows caught:', caught);
    expect(caught).toBeGreaterThan(100);
  });

  it('5 % without legacy to compare with, at a limit of 2 %, is rolled back within one window', () => {
    const own = { perSecond: 50, failing: 0.05 };
    const none = { perSecond: 0, failing: 0 };
    const all = { own, legacy: none, limits: limitsOf({ max: 0.02 }), random: seeded(6) };
    const traffic = new Traffic({ ...all, own: { ...own, failing: 0.001 } });
    traffic.ownBecomes(own);
    expect(traffic.isRolledBackInOneWindow()).toBe(true);
  });

  it('or is twice as slow, at 1.5 times legacy’s, is rolled back within two windows', () => {
    const slow = { perSecond: 25, failing: 0, medianMs: 100 };
    const fast = { ...slow, medianMs: 50 };
    const traffic = new Traffic({
      own: fast,
      legacy: fast,
      limits: limitsOf({ timesLegacy: 1.5 }),
      random: seeded(7),
    });
    expect(traffic.isRolledBackInOneWindow()).toBe(false);
    traffic.ownBecomes(slow);
    expect([traffic.isRolledBackInOneWindow(), traffic.isRolledBackInOneWindow()]).toContain(true);
  });
});
