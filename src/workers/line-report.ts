import type { FeatureCounts } from '../model/feature-counts.ts';
import type { LiveView } from '../model/live-view.ts';
import type { FeatureComparisons } from '../model/shadow-report.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { News } from './messages.ts';
import type { PrimaryLine } from './primary-line.ts';

/** How often it is looked how many connections are open; the primary deals them by it. */
const CONNECTIONS_MS = 50;
/** It is told when it has changed, and in any case each so many looks: as many may have come as went. */
const LOOKS = 4;

/** Between two reports of what auto_rollback counts, and of what was compared. */
const COUNTS_MS = 1_000;

/** What a worker reports. */
export class LineReport {
  readonly #line: PrimaryLine;
  #metrics: Promise<void> = Promise.resolve();

  constructor(line: PrimaryLine) {
    this.#line = line;
  }

  /** Takes what is to be said once for all workers. */
  readonly news = {
    info: (fields: object, message: string): void => this.#say({ level: 'info', fields, message }),
    warn: (fields: object, message: string): void => this.#say({ level: 'warn', fields, message }),
  };

  live(live: LiveView): void {
    void this.#line.tell({ kind: 'live', live });
  }

  /** Sends the metrics' text piece by piece, each when the one before has left: a scrape holds up no request. */
  metrics(metrics: Metrics): void {
    this.#metrics = this.#metrics.then(() => this.#sendMetrics(metrics));
  }

  /** Resolves when the last ones have left. */
  lastMetrics(metrics: Metrics): Promise<void> {
    this.metrics(metrics);
    return this.#metrics;
  }

  /** Tells how many connections are open: soon after a change, and again as long as there are any. */
  connectionsOf(count: () => number): void {
    let told = 0;
    let looks = 0;
    const look = (): void => {
      const open = count();
      looks = (looks + 1) % LOOKS;
      if (open === told && (open === 0 || looks > 0)) return;
      told = open;
      void this.#line.tell({ kind: 'connections', open });
    };
    setInterval(look, CONNECTIONS_MS).unref();
  }

  /** Tells again and again what was counted for auto_rollback. */
  countsOf(take: () => readonly FeatureCounts[]): void {
    const tell = (): void => {
      const counts = take();
      if (counts.length > 0) void this.#line.tell({ kind: 'note', note: { kind: 'feature_counts', counts } });
    };
    setInterval(tell, COUNTS_MS).unref();
  }

  /** Tells again and again what was compared. */
  comparisonsOf(take: () => readonly FeatureComparisons[]): void {
    setInterval(() => this.comparisons(take()), COUNTS_MS).unref();
  }

  comparisons(reports: readonly FeatureComparisons[]): void {
    if (reports.length > 0) void this.#line.tell({ kind: 'note', note: { kind: 'comparisons', reports } });
  }

  async #sendMetrics(metrics: Metrics): Promise<void> {
    for await (const text of metrics.exposition()) await this.#line.tell({ kind: 'metrics_text', text });
    await this.#line.tell({ kind: 'metrics_end', migrated: metrics.migrated() });
  }

  #say(news: News): void {
    void this.#line.tell({ kind: 'news', news });
  }
}
