import type { Feature, Route, RouteTable } from '../model/route-table.ts';
import {
  COMPARISON_RESULTS,
  type ComparisonEnd,
  SHADOW_OUTCOMES,
  SHADOW_SKIPS,
  type ShadowEnd,
  type ShadowObserver,
} from '../model/shadow.ts';
import { escapeLabel, type MetricFamily } from './exposition.ts';
import { type Histogram, newHistogram, observe } from './histogram.ts';
import { histogramLines } from './route-families.ts';
import { count, type Tally, zeroTally } from './tally.ts';

/**
 * What is counted of shadows: few series, of the features that have a `shadow` block, and their routes. They are there at
 * 0 from the start; what no table names any more stays for ten minutes, as routes do.
 */

const KEPT_MS = 10 * 60_000;
/** As multiples of legacy's latency: what is hardly slower or faster, and what is far off. */
const RATIO_BOUNDS: readonly number[] = [0.1, 0.25, 0.5, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10];

const OUTCOMES = zeroTally(SHADOW_OUTCOMES.map((_, index) => index));
const SKIPS = zeroTally(SHADOW_SKIPS.map((_, index) => index));
const RESULTS = zeroTally(COMPARISON_RESULTS.map((_, index) => index));

interface Kept {
  readonly name: string;
  /** Monotonic ms since when no table names it; null while one does. */
  removedAtMs: number | null;
}

interface FeatureShadow extends Kept {
  outcomes: Tally;
  skips: Tally;
  ratio: Histogram | null;
}

interface RouteShadow extends Kept {
  results: Tally;
}

/** Counts shadows for `/metrics`. */
export class ShadowSeries implements ShadowObserver {
  readonly #features = new Map<string, FeatureShadow>();
  readonly #routes = new Map<string, RouteShadow>();
  readonly #nowMs: () => number;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  tableChanged({ features, routes }: RouteTable): void {
    const now = this.#nowMs();
    for (const kept of [...this.#features.values(), ...this.#routes.values()]) kept.removedAtMs ??= now;
    for (const feature of Object.values(features))
      if (feature.shadow !== null) this.#featureOf(feature).removedAtMs = null;
    for (const route of routes) {
      const { action } = route;
      const name = action.kind === 'to' ? action.feature : null;
      if (name !== null && features[name]?.shadow != null) this.#routeOf(route).removedAtMs = null;
    }
  }

  shadowed({ feature, outcome, skipped, durationRatio }: ShadowEnd): void {
    const series = this.#featureOf(feature);
    series.outcomes = count(series.outcomes, SHADOW_OUTCOMES.indexOf(outcome));
    if (skipped !== null) series.skips = count(series.skips, SHADOW_SKIPS.indexOf(skipped));
    this.#touch(series);
    if (durationRatio === null) return;
    series.ratio ??= newHistogram(RATIO_BOUNDS);
    observe(series.ratio, RATIO_BOUNDS, durationRatio);
  }

  compared({ route, result }: ComparisonEnd): void {
    const series = this.#routeOf(route);
    series.results = count(series.results, COMPARISON_RESULTS.indexOf(result));
    this.#touch(series);
  }

  /** For {@link FEATURE_SHADOW_FAMILIES}. */
  ofFeatures(): FeatureShadow[] {
    return kept(this.#features, this.#nowMs());
  }

  /** For {@link ROUTE_SHADOW_FAMILIES}. */
  ofRoutes(): RouteShadow[] {
    return kept(this.#routes, this.#nowMs());
  }

  #featureOf({ name }: Feature): FeatureShadow {
    const known = this.#features.get(name);
    if (known !== undefined) return known;
    const series = { name, removedAtMs: this.#nowMs(), outcomes: OUTCOMES, skips: SKIPS, ratio: null };
    this.#features.set(name, series);
    return series;
  }

  #routeOf({ name }: Route): RouteShadow {
    const known = this.#routes.get(name);
    if (known !== undefined) return known;
    const series = { name, removedAtMs: this.#nowMs(), results: RESULTS };
    this.#routes.set(name, series);
    return series;
  }

  #touch(series: Kept): void {
    if (series.removedAtMs !== null) series.removedAtMs = this.#nowMs();
  }
}

function kept<Series extends Kept>(all: Map<string, Series>, now: number): Series[] {
  for (const { name, removedAtMs } of all.values())
    if (removedAtMs !== null && now - removedAtMs >= KEPT_MS) all.delete(name);
  return [...all.values()];
}

/** Per feature. */
export const FEATURE_SHADOW_FAMILIES: readonly MetricFamily<FeatureShadow>[] = [
  {
    name: 'banyan_shadow_requests_total',
    type: 'counter',
    help: 'Requests that were drawn to be copied: answered, failed, dropped for lack of room, or skipped.',
    lines: (name, series) => linesOf(name, series, ['feature', 'outcome', SHADOW_OUTCOMES], series.outcomes),
  },
  {
    name: 'banyan_shadow_skipped_total',
    type: 'counter',
    help: 'Requests that were drawn and not copied, by why not.',
    lines: (name, series) => linesOf(name, series, ['feature', 'reason', SHADOW_SKIPS], series.skips),
  },
  {
    name: 'banyan_shadow_duration_ratio',
    type: 'histogram',
    help: "The feature's time to the head of an answer, as a multiple of legacy's for the same request.",
    lines: (name, { name: feature, ratio }) =>
      histogramLines(name, `feature="${escapeLabel(feature)}"`, ratio, [...RATIO_BOUNDS.map(String), '+Inf']),
  },
];

/** Per route. */
export const ROUTE_SHADOW_FAMILIES: readonly MetricFamily<RouteShadow>[] = [
  {
    name: 'banyan_shadow_comparisons_total',
    type: 'counter',
    help: 'Pairs of answers by what comparing them came to.',
    lines: (name, series) => linesOf(name, series, ['route', 'result', COMPARISON_RESULTS], series.results),
  },
];

function linesOf(
  metric: string,
  { name }: Kept,
  [whose, label, values]: readonly [string, string, readonly string[]],
  tally: Tally,
): string {
  let text = '';
  for (const [i, key] of tally.keys.entries())
    text += `${metric}{${whose}="${escapeLabel(name)}",${label}="${values[key]}"} ${tally.counts[i]}\n`;
  return text;
}
