/**
 * The sliding window of one feature: what both sides did of late, kept in sixty slices that fall out one by one at the
 * far end. Fixed memory, whatever the traffic: two numbers a slice and side, and with a limit on times two histograms.
 */
import type { FeatureCounts } from '../model/feature-counts.ts';
import { SideTally } from './side-tally.ts';

const SLICES = 60;

interface Slice {
  readonly own: SideTally;
  readonly legacy: SideTally;
}

/** Both sides of a feature's routes within the window. Times are monotonic, ms. */
export class FeatureWindow {
  readonly own: SideTally;
  readonly legacy: SideTally;
  readonly #slices: Slice[];
  readonly #sliceMs: number;
  /** Number of the current slice since the clock's zero. */
  #current: number;

  constructor(windowMs: number, hasTimes: boolean, now: number) {
    this.own = new SideTally(hasTimes);
    this.legacy = new SideTally(hasTimes);
    this.#slices = Array.from({ length: SLICES }, () => ({
      own: new SideTally(hasTimes),
      legacy: new SideTally(hasTimes),
    }));
    this.#sliceMs = windowMs / SLICES;
    this.#current = this.#sliceAt(now);
  }

  /** Adds what was counted just now. */
  add({ own, legacy }: Pick<FeatureCounts, 'own' | 'legacy'>, now: number): void {
    this.moveTo(now);
    const slice = this.#slices[this.#current % SLICES] as Slice;
    slice.own.add(own);
    slice.legacy.add(legacy);
    this.own.add(own);
    this.legacy.add(legacy);
  }

  /** Drops what is too old by now. */
  moveTo(now: number): void {
    const slice = this.#sliceAt(now);
    const first = Math.max(this.#current + 1, slice - SLICES + 1);
    for (let next = first; next <= slice; next++) this.#drop(this.#slices[next % SLICES] as Slice);
    this.#current = Math.max(this.#current, slice);
  }

  #drop(slice: Slice): void {
    this.own.subtract(slice.own);
    this.legacy.subtract(slice.legacy);
    slice.own.clear();
    slice.legacy.clear();
  }

  #sliceAt(now: number): number {
    return Math.floor(now / this.#sliceMs);
  }
}
