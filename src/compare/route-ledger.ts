/**
 * What the comparisons of one route came to, since the feature's block was last edited. Mismatches are kept as counts by
 * the set of fields in which they differ, so that noise that is learnt late also explains what came before: the field is
 * taken out of all sets, and those that are empty then were no mismatches. Everything is bounded.
 */
import type { FieldDifference } from '../model/comparison.ts';
import type {
  ComparisonCounts,
  FieldStatus,
  MismatchSample,
  RouteComparisons,
  RouteShadowStatus,
  TimesStatus,
} from '../model/shadow-report.ts';
import { LogCounts } from './log-counts.ts';
import { NoiseBook, type NoiseMemory } from './noise-book.ts';

const MOST_SIGNATURES = 100;
const MOST_FIELDS = 200;
const MOST_REASONS = 20;
const EXAMPLES = 3;
/** The ring of whole mismatches. */
export const SAMPLES = 50;

/** A route's ledger as it is kept over a restart. Samples are not: they are in the mismatch log, if there is one. */
export interface RouteMemory {
  readonly counts: Omit<ComparisonCounts, 'mismatch'>;
  readonly others: number;
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly mismatches: readonly { readonly fields: readonly FieldDifference[]; readonly count: number }[];
  readonly fields: readonly FieldStatus[];
  readonly legacyTimes: readonly number[];
  readonly featureTimes: readonly number[];
  readonly timeRatios: readonly number[];
}

type Field = { -readonly [Key in keyof FieldStatus]: FieldStatus[Key] };

interface Signature {
  readonly fields: readonly FieldDifference[];
  count: number;
}

/** Owns the comparisons of a route. */
export class RouteLedger {
  readonly noise = new NoiseBook();
  #counts = { match: 0, noise: 0, notBuilt: 0, skipped: 0, error: 0 };
  /** Mismatches that are too many to be told apart by their fields. */
  #others = 0;
  readonly #reasons = new Map<string, number>();
  #signatures = new Map<string, Signature>();
  readonly #fields = new Map<string, Field>();
  readonly #samples: MismatchSample[] = [];
  readonly #times = { legacy: new LogCounts(), feature: new LogCounts(), ratio: new LogCounts() };

  /**
   * Begins anew with what legacy's own answers showed: that is not the feature's, and outlives its edits. What is ignored
   * from now on is not looked at, and so no noise any more.
   */
  static after(before: RouteLedger | undefined, ignored: readonly string[]): RouteLedger {
    const ledger = new RouteLedger();
    if (before === undefined) return ledger;
    const noise = before.noise.memory();
    const fields = noise.fields.filter(({ field }) => !ignored.includes(field));
    ledger.noise.restore({ ...noise, fields });
    return ledger;
  }

  /** Takes up what was kept. */
  restore(memory: RouteMemory, noise: NoiseMemory): void {
    this.noise.restore(noise);
    this.#counts = { ...memory.counts };
    this.#others = memory.others;
    for (const [reason, count] of memory.reasons) this.#reasons.set(reason, count);
    for (const { fields, count } of memory.mismatches) this.#addSignature(fields, count);
    for (const field of memory.fields) this.#fields.set(keyOf(field), { ...field });
    this.#times.legacy.addPairs(memory.legacyTimes);
    this.#times.feature.addPairs(memory.featureTimes);
    this.#times.ratio.addPairs(memory.timeRatios);
  }

  memory(): RouteMemory {
    return {
      counts: this.#counts,
      others: this.#others,
      reasons: [...this.#reasons],
      mismatches: [...this.#signatures.values()],
      fields: [...this.#fields.values()],
      legacyTimes: this.#times.legacy.pairs(),
      featureTimes: this.#times.feature.pairs(),
      timeRatios: this.#times.ratio.pairs(),
    };
  }

  /** Adds a report. `time` is the wall clock, ms. Returns what became of its comparisons, by what is noise now. */
  add(report: RouteComparisons, time: number): ComparisonCounts {
    if (this.noise.add(report.noise)) this.#noiseChanged();
    const added = {
      match: report.match,
      notBuilt: report.notBuilt,
      skipped: report.skipped,
      error: report.error,
    };
    this.#counts.match += added.match;
    this.#counts.notBuilt += added.notBuilt;
    this.#counts.skipped += added.skipped;
    this.#counts.error += added.error;
    for (const [reason, count] of report.reasons) this.#addReason(reason, count);
    const { noise, mismatch } = this.#addMismatches(report, time);
    this.#times.legacy.addPairs(report.legacyTimes);
    this.#times.feature.addPairs(report.featureTimes);
    this.#times.ratio.addPairs(report.timeRatios);
    return { ...added, noise, mismatch };
  }

  counts(): ComparisonCounts {
    let mismatch = this.#others;
    for (const { count } of this.#signatures.values()) mismatch += count;
    return { ...this.#counts, mismatch };
  }

  /** All but the verdict, which hangs on what the file asks for. */
  status(route: string): Omit<RouteShadowStatus, 'readiness'> {
    return {
      route,
      counts: this.counts(),
      reasons: [...this.#reasons].sort(([, a], [, b]) => b - a),
      times: this.times([]),
      fields: this.#fieldsNow(),
      noise: this.noise.status(),
      noisePairs: this.noise.pairs,
      noiseUnsteady: this.noise.unsteady,
      samples: this.withoutNoise(this.#samples),
    };
  }

  /** Mismatches by what is noise now: without it, and without those in which nothing else differs. */
  withoutNoise(samples: readonly MismatchSample[]): MismatchSample[] {
    return samples
      .map((sample) => ({
        ...sample,
        differences: sample.differences.filter((one) => !this.noise.covers(one)),
      }))
      .filter(({ differences }) => differences.length > 0);
  }

  /** Of this route and of others, together. */
  times(others: readonly RouteLedger[]): TimesStatus {
    const sum = { legacy: new LogCounts(), feature: new LogCounts(), ratio: new LogCounts() };
    for (const ledger of [this, ...others]) {
      sum.legacy.addPairs(ledger.#times.legacy.pairs());
      sum.feature.addPairs(ledger.#times.feature.pairs());
      sum.ratio.addPairs(ledger.#times.ratio.pairs());
    }
    return {
      legacyP50: sum.legacy.quantile(0.5),
      legacyP95: sum.legacy.quantile(0.95),
      featureP50: sum.feature.quantile(0.5),
      featureP95: sum.feature.quantile(0.95),
      ratio: sum.ratio.quantile(0.5),
    };
  }

  #addMismatches(report: RouteComparisons, time: number): { noise: number; mismatch: number } {
    let noise = 0;
    let mismatch = 0;
    for (const { fields, count } of report.mismatches) {
      this.#countFields(fields, count, time);
      const left = fields.filter((field) => !this.noise.covers(field));
      if (left.length === 0 && fields.length > 0) noise += count;
      else {
        mismatch += count;
        this.#addSignature(left, count);
      }
    }
    this.#counts.noise += noise;
    for (const example of report.examples) {
      const field = this.#fields.get(keyOf(example));
      if (field === undefined) continue;
      field.examples = [{ legacy: example.legacy, feature: example.feature }, ...field.examples].slice(
        0,
        EXAMPLES,
      );
      if (example.apart !== null) field.apart = Math.max(field.apart ?? 0, example.apart);
    }
    this.#samples.unshift(...report.samples);
    this.#samples.length = Math.min(this.#samples.length, SAMPLES);
    return { noise, mismatch };
  }

  #countFields(fields: readonly FieldDifference[], count: number, time: number): void {
    for (const { field, kind } of fields) {
      const key = keyOf({ field, kind });
      const known = this.#fields.get(key);
      if (known !== undefined) {
        known.count += count;
        known.lastAt = time;
      } else if (this.#fields.size < MOST_FIELDS)
        this.#fields.set(key, { field, kind, count, lastAt: time, apart: null, examples: [] });
    }
  }

  #addSignature(fields: readonly FieldDifference[], count: number): void {
    const key = fields.map(keyOf).join('\n');
    const known = this.#signatures.get(key);
    if (known !== undefined) known.count += count;
    else if (fields.length > 0 && this.#signatures.size < MOST_SIGNATURES)
      this.#signatures.set(key, { fields, count });
    else this.#others += count;
  }

  #addReason(reason: string, count: number): void {
    const known = this.#reasons.get(reason);
    if (known !== undefined || this.#reasons.size < MOST_REASONS)
      this.#reasons.set(reason, (known ?? 0) + count);
  }

  /** What is noise now was so before. What was once taken for noise stays so. */
  #noiseChanged(): void {
    const before = this.#signatures;
    this.#signatures = new Map();
    for (const { fields, count } of before.values()) {
      const left = fields.filter((field) => !this.noise.covers(field));
      if (left.length === 0) this.#counts.noise += count;
      else this.#addSignature(left, count);
    }
  }

  #fieldsNow(): FieldStatus[] {
    const all = [...this.#fields.values()].filter((field) => !this.noise.covers(field));
    return all.map((field) => ({ ...field })).sort((a, b) => b.count - a.count);
  }
}

function keyOf({ field, kind }: FieldDifference): string {
  return `${kind} ${field}`;
}
