/**
 * Counts comparisons where they are made, until they are reported: a thousand a second become a few lines. Everything
 * in it is bounded: what comes in between two reports beyond the bounds is counted, and not described.
 */
import type { AnswersCompared, Difference, FieldDifference } from '../model/comparison.ts';
import { loggableText } from '../model/mask-secrets.ts';
import type { ShadowPair } from '../model/shadow.ts';
import type { FeatureComparisons, MismatchSample, RouteComparisons } from '../model/shadow-report.ts';
import { LogCounts } from './log-counts.ts';
import { shownTarget } from './redact.ts';

/** A pair, compared: the feature's answer with legacy's, and legacy's two if it was asked twice. */
export interface PairCompared {
  readonly own: AnswersCompared;
  readonly noise: AnswersCompared | null;
}

/** Of a pair, what is needed once it is compared: not the bytes. */
export type PairHead = Pick<
  ShadowPair,
  'feature' | 'route' | 'servedBy' | 'requestId' | 'time' | 'method' | 'target'
> & { readonly legacyMs: number | null; readonly featureMs: number | null };

const MOST_SIGNATURES = 100;
const MOST_FIELDS = 200;
const MOST_REASONS = 20;
const SAMPLES = 10;
const SAMPLES_ALIKE = 2;
const LONGEST_METHOD = 32;
const LONGEST_REASON = 100;

/** Collects; `take` empties it. */
export class ComparisonTally {
  #features = new Map<string, { feature: string; definition: string; routes: Map<string, RouteTally> }>();

  add(head: PairHead, compared: PairCompared): void {
    const { name, definition } = head.feature;
    const key = `${name} ${definition}`;
    let feature = this.#features.get(key);
    if (feature === undefined) {
      feature = { feature: name, definition, routes: new Map() };
      this.#features.set(key, feature);
    }
    let route = feature.routes.get(head.route.name);
    if (route === undefined) {
      route = new RouteTally(head.route.name);
      feature.routes.set(head.route.name, route);
    }
    route.add(head, compared);
  }

  /** What was compared since the last time. */
  take(): FeatureComparisons[] {
    const taken = [...this.#features.values()].map(({ feature, definition, routes }) => ({
      feature,
      definition,
      routes: [...routes.values()].map((route) => route.report()),
    }));
    this.#features.clear();
    return taken;
  }
}

interface Signature {
  readonly fields: readonly FieldDifference[];
  count: number;
  samples: number;
}

class RouteTally {
  readonly #route: string;
  readonly #counts = { match: 0, not_built: 0, skipped: 0, error: 0, mismatch: 0 };
  readonly #reasons = new Map<string, number>();
  readonly #signatures = new Map<string, Signature>();
  readonly #examples = new Map<string, Difference>();
  readonly #samples: MismatchSample[] = [];
  readonly #noise = { pairs: 0, unsteady: 0 };
  readonly #noisy = new Map<string, { example: Difference; count: number }>();
  readonly #legacyTimes = new LogCounts();
  readonly #featureTimes = new LogCounts();
  readonly #timeRatios = new LogCounts();

  constructor(route: string) {
    this.#route = route;
  }

  add(head: PairHead, { own, noise }: PairCompared): void {
    this.#counts[own.result]++;
    if (own.reason !== null) this.#addReason(own.reason);
    if (own.result === 'mismatch') this.#addMismatch(head, own.differences);
    if (noise !== null) this.#addNoise(noise);
    const { legacyMs, featureMs } = head;
    if (legacyMs === null || featureMs === null) return;
    this.#legacyTimes.add(legacyMs);
    this.#featureTimes.add(featureMs);
    if (legacyMs > 0) this.#timeRatios.add(featureMs / legacyMs);
  }

  report(): RouteComparisons {
    const { match, not_built: notBuilt, skipped, error } = this.#counts;
    return {
      route: this.#route,
      match,
      notBuilt,
      skipped,
      error,
      reasons: [...this.#reasons],
      mismatches: [...this.#signatures.values()].map(({ fields, count }) => ({ fields, count })),
      examples: [...this.#examples.values()],
      samples: this.#samples,
      noise: { ...this.#noise, fields: [...this.#noisy.values()] },
      legacyTimes: this.#legacyTimes.pairs(),
      featureTimes: this.#featureTimes.pairs(),
      timeRatios: this.#timeRatios.pairs(),
    };
  }

  #addReason(reason: string): void {
    const known = this.#reasons.get(reason);
    if (known !== undefined || this.#reasons.size < MOST_REASONS)
      this.#reasons.set(loggableText(reason, LONGEST_REASON), (known ?? 0) + 1);
  }

  #addMismatch(head: PairHead, differences: readonly Difference[]): void {
    const fields = differences.map(({ field, kind }) => ({ field, kind }));
    const signature = this.#signature(fields);
    signature.count++;
    for (const difference of differences) {
      const key = `${difference.kind} ${difference.field}`;
      if (this.#examples.has(key) || this.#examples.size < MOST_FIELDS) this.#examples.set(key, difference);
    }
    if (signature.samples >= SAMPLES_ALIKE || this.#samples.length >= SAMPLES) return;
    signature.samples++;
    this.#samples.push(sampleOf(head, differences));
  }

  #signature(fields: readonly FieldDifference[]): Signature {
    const key = fields.map(({ field, kind }) => `${kind} ${field}`).join('\n');
    let signature = this.#signatures.get(key) ?? null;
    if (signature !== null) return signature;
    // One without fields counts all that are too many to be told apart.
    const isFull = this.#signatures.size >= MOST_SIGNATURES;
    signature = (isFull ? this.#signatures.get('') : null) ?? {
      fields: isFull ? [] : fields,
      count: 0,
      samples: 0,
    };
    this.#signatures.set(isFull ? '' : key, signature);
    return signature;
  }

  #addNoise({ result, differences }: AnswersCompared): void {
    if (result !== 'match' && result !== 'mismatch') return;
    this.#noise.pairs++;
    if (differences.some(({ field }) => field === 'status')) {
      this.#noise.unsteady++;
      return;
    }
    for (const difference of differences) {
      const key = `${difference.kind} ${difference.field}`;
      const known = this.#noisy.get(key);
      if (known !== undefined) known.count++;
      else if (this.#noisy.size < MOST_FIELDS) this.#noisy.set(key, { example: difference, count: 1 });
    }
  }
}

function sampleOf(head: PairHead, differences: readonly Difference[]): MismatchSample {
  const { time, requestId, method, target, servedBy, legacyMs, featureMs } = head;
  return {
    time,
    requestId: loggableText(requestId, LONGEST_METHOD * 4),
    method: loggableText(method, LONGEST_METHOD),
    target: shownTarget(target),
    servedBy,
    legacyMs,
    featureMs,
    differences: differences.slice(0, 20),
  };
}
