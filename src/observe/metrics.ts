import type { BackendStatus } from '../model/backend-status.ts';
import type { CertificateStatus } from '../model/certificate.ts';
import type { Decision } from '../model/decision.ts';
import type { ReloadReport } from '../model/loaded.ts';
import type { AttemptResult, Outcome } from '../model/outcome.ts';
import type { Observer } from '../model/ports.ts';
import type { Feature, RouteTable } from '../model/route-table.ts';
import type { ComparisonEnd, ShadowEnd, ShadowObserver } from '../model/shadow.ts';
import { EXPOSITION_CONTENT_TYPE, expositionOf, type MetricFamily } from './exposition.ts';
import { featureFamilies } from './feature-families.ts';
import { newHistogram, observe } from './histogram.ts';
import { attemptKey, decisionKey, eitherKey, fallbackKey, methodIndex, skipKey } from './metric-labels.ts';
import { MigratedWindow } from './migrated-window.ts';
import { routeFamilies } from './route-families.ts';
import { NO_BACKEND, type RouteSeries, requestKey } from './route-series.ts';
import { RouterMetrics } from './router-metrics.ts';
import { SeriesBook } from './series-book.ts';
import { FEATURE_SHADOW_FAMILIES, ROUTE_SHADOW_FAMILIES, ShadowSeries } from './shadow-series.ts';
import { count } from './tally.ts';

/** Upper bounds of the duration histograms in seconds, unless METRICS_BUCKETS says otherwise. */
const DEFAULT_BUCKETS_SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Where the numbers come from that others keep. */
export interface MetricsOptions {
  /** Banyan's own version. */
  readonly version: string;
  /** Ascending, positive. */
  readonly bucketsSeconds?: readonly number[];
  /** How the endpoints stand; asked at each scrape. */
  readonly backends?: () => readonly BackendStatus[];
  /** Log lines dropped since the start; asked at each scrape. */
  readonly droppedLines?: () => number;
  /** Part of its clients that a feature is to answer now, 0 … 1; asked at each scrape. */
  readonly featureShare?: (feature: Feature) => number;
  /** auto_rollback took it back; asked at each scrape. */
  readonly isRolledBack?: (feature: Feature) => boolean;
  /** How the certificates for clients stand; asked at each scrape. Without it there are no metrics of them. */
  readonly certificates?: () => CertificateStatus;
  /** Monotonic ms; `performance.now` by default. */
  readonly nowMs?: () => number;
  /** Wall clock in ms; `Date.now` by default. */
  readonly wallMs?: () => number;
  /** `process_*` and `nodejs_*`; on by default. */
  readonly includeProcess?: boolean;
}

/** What `/metrics` shows, and the observer that fills it. */
export interface Metrics extends Observer, ShadowObserver {
  /** A routes file was read. */
  reloaded(report: ReloadReport): void;
  readonly contentType: string;
  /** Answers of the last five minutes, by features and in all. */
  migrated(): { readonly byFeature: number; readonly total: number };
  /** The text of a scrape, in pieces; the event loop turns in between. */
  exposition(): AsyncIterable<string>;
}

/** The router's metrics, with the observer that counts them. */
export function createMetrics(options: MetricsOptions): Metrics {
  return new RouteMetrics(options);
}

/**
 * Counting is spread over three homes by how much there is of each: per route (plain numbers, {@link SeriesBook}),
 * per feature (written from the table in force), and of the router as a whole ({@link RouterMetrics}).
 */
class RouteMetrics implements Metrics {
  readonly contentType = EXPOSITION_CONTENT_TYPE;
  readonly #bounds: readonly number[];
  readonly #book: SeriesBook;
  readonly #router: RouterMetrics;
  readonly #shadows: ShadowSeries;
  readonly #window: MigratedWindow;
  readonly #wallMs: () => number;
  readonly #featureFamilies: readonly MetricFamily<Feature>[];
  #features: readonly Feature[] = [];

  constructor(options: MetricsOptions) {
    const nowMs = options.nowMs ?? (() => performance.now());
    this.#wallMs = options.wallMs ?? Date.now;
    this.#bounds = options.bucketsSeconds ?? DEFAULT_BUCKETS_SECONDS;
    this.#book = new SeriesBook(nowMs);
    this.#shadows = new ShadowSeries(nowMs);
    this.#window = new MigratedWindow(nowMs);
    this.#featureFamilies = featureFamilies({
      shareOf: options.featureShare ?? (() => Number.NaN),
      isRolledBack: options.isRolledBack ?? (() => false),
    });
    this.#router = new RouterMetrics({
      version: options.version,
      backends: options.backends ?? (() => []),
      droppedLines: options.droppedLines ?? (() => 0),
      includeProcess: options.includeProcess ?? true,
      certificates: options.certificates ?? null,
    });
  }

  tableChanged(table: RouteTable): void {
    this.#book.apply(table);
    this.#router.tableChanged(table);
    this.#shadows.tableChanged(table);
    this.#features = Object.values(table.features);
  }

  started(decision: Decision): void {
    const series = this.#book.routeSeries(decision.route);
    this.#book.backendSeries(series, backendOf(decision)).inFlight++;
    if (decision.kind !== 'forward') return;
    series.decisions = count(series.decisions, decisionKey(decision.side, decision.reason));
  }

  upgraded(decision: Decision): void {
    const series = this.#book.routeSeries(decision.route);
    this.#book.backendSeries(series, backendOf(decision)).upgrades++;
  }

  attempted(attempt: AttemptResult): void {
    const series = this.#book.routeSeries(attempt.route);
    const backend = this.#book.backendSeries(series, attempt.backend.name);
    backend.attempts = count(backend.attempts, attemptKey(attempt.purpose, attempt.result));
    if (attempt.headMs === null) return;
    backend.headTime ??= newHistogram(this.#bounds);
    observe(backend.headTime, this.#bounds, attempt.headMs / 1000);
  }

  finished(outcome: Outcome): void {
    const { decision } = outcome;
    this.#router.finished(outcome);
    const series = this.#book.routeSeries(decision.route);
    const decided = this.#book.backendSeries(series, backendOf(decision));
    decided.inFlight--;
    this.#book.touch(decided);
    if (outcome.failure === 'client_closed') series.clientDisconnects++;
    countOtherSide(series, outcome);

    const answered = this.#book.backendSeries(series, outcome.backend);
    const request = requestKey(methodIndex(outcome.head.method), outcome.status);
    answered.requests = count(answered.requests, request);
    this.#book.touch(answered);
    if (outcome.upgraded) answered.upgrades--;
    answered.bytesIn += outcome.bytesIn;
    answered.bytesOut += outcome.bytesOut;
    if (!outcome.upgraded && !outcome.eventStream) {
      answered.duration ??= newHistogram(this.#bounds);
      observe(answered.duration, this.#bounds, outcome.durationMs / 1000);
    }
    if (outcome.backend === NO_BACKEND) return;
    this.#window.count(outcome.backend !== 'legacy');
    if (outcome.backend === 'legacy') series.legacyLastMs = this.#wallMs();
  }

  rejected(rejection: Parameters<Observer['rejected']>[0]): void {
    this.#router.rejected(rejection);
  }

  shadowed(end: ShadowEnd): void {
    this.#shadows.shadowed(end);
  }

  compared(end: ComparisonEnd): void {
    this.#shadows.compared(end);
  }

  reloaded(report: ReloadReport): void {
    this.#router.reloaded(report);
  }

  migrated(): { byFeature: number; total: number } {
    return this.#window.counts();
  }

  async *exposition(): AsyncGenerator<string, void, undefined> {
    yield await this.#router.text();
    yield* expositionOf(WINDOW_FAMILIES, [this.#window]);
    yield* expositionOf(this.#featureFamilies, this.#features);
    yield* expositionOf(FEATURE_SHADOW_FAMILIES, this.#shadows.ofFeatures());
    yield* expositionOf(ROUTE_SHADOW_FAMILIES, this.#shadows.ofRoutes());
    yield* expositionOf(routeFamilies(this.#bounds), this.#book.all());
  }
}

const WINDOW_FAMILIES: readonly MetricFamily<MigratedWindow>[] = [
  {
    name: 'banyan_migrated_requests_ratio',
    type: 'gauge',
    help: 'Share of the last 5 minutes that features answered, of all that backends answered; NaN if none.',
    lines: (name, window) => `${name} ${window.ratio()}\n`,
  },
];

function countOtherSide(series: RouteSeries, { fallback, fallbackSkipped, either }: Outcome): void {
  if (fallback !== undefined) series.fallbacks = count(series.fallbacks, fallbackKey(fallback));
  if (fallbackSkipped !== undefined)
    series.fallbacksSkipped = count(series.fallbacksSkipped, skipKey(fallbackSkipped));
  if (either !== undefined) series.either = count(series.either, eitherKey(either));
}

function backendOf(decision: Decision): string {
  return decision.kind === 'forward' ? decision.backend.name : NO_BACKEND;
}
