/**
 * What the primary and its workers say to each other: the whole protocol of `--workers N`. Messages are plain JSON and
 * named by what has happened or is wanted; one that changes its meaning gets another name, and a worker of another
 * version refuses to start, so that no two ends read one name differently.
 *
 *   primary                                  worker
 *         ◀─────────────────────────── here  it listens to messages from now on
 *   start ─────────────────────────────────▶ makes its App
 *         ◀──────────────────────── started  (or start_failed)
 *   table_part … ──────────────────────────▶ builds the table; next_part asks for each further one
 *         ◀───────────────────── table_ready everything is made for it, and still the old one decides
 *   table_use (when all are ready) ────────▶ from here on the new one decides; table_drop: it is forgotten
 *         ◀────────────────────── table_used
 *   listen ────────────────────────────────▶ takes connections
 *         ◀─────────────────────── listening (or start_failed)
 *   metrics_wanted, live_wanted ───────────▶
 *         ◀ metrics_text …, metrics_end; live
 *   note (rolled back, …) ─────────────────▶ state that the primary owns
 *         ◀── note (counts), news, connections
 *   drain ─────────────────────────────────▶ takes no more
 *         ◀───────────────────────── drained
 *   close ─────────────────────────────────▶ says its last metrics, and exits with 0
 */
import type { Bound } from '../app.ts';
import type { LoadedPart } from '../config/loaded-parts.ts';
import type { CertificateSet } from '../model/certificate.ts';
import type { FeatureCounts } from '../model/feature-counts.ts';
import type { LiveView } from '../model/live-view.ts';
import type { FeatureComparisons } from '../model/shadow-report.ts';
import type { Settings } from '../settings.ts';

/** From the primary to one worker. */
export type ToWorker =
  | {
      readonly kind: 'start';
      /** The primary's own version: a worker of another one refuses. */
      readonly version: string;
      /** Its number, from 1. A worker that replaces another takes over its number, and its share of every limit. */
      readonly worker: number;
      readonly workers: number;
      readonly settings: Settings;
      readonly hasColors: boolean;
    }
  | { readonly kind: 'table_part'; readonly part: LoadedPart }
  | { readonly kind: 'table_use' }
  | { readonly kind: 'table_drop' }
  | { readonly kind: 'listen' }
  | { readonly kind: 'metrics_wanted' }
  | { readonly kind: 'live_wanted' }
  | { readonly kind: 'note'; readonly note: PrimaryNote }
  | { readonly kind: 'drain' }
  | { readonly kind: 'close' };

/** From a worker to the primary. */
export type ToPrimary =
  | { readonly kind: 'here' }
  | { readonly kind: 'started' }
  | { readonly kind: 'start_failed'; readonly problem: StartProblem }
  | { readonly kind: 'next_part' }
  | { readonly kind: 'table_ready' }
  | { readonly kind: 'table_used' }
  | { readonly kind: 'table_failed'; readonly reason: string }
  | ({ readonly kind: 'listening' } & Bound)
  | { readonly kind: 'metrics_text'; readonly text: string }
  | { readonly kind: 'metrics_end'; readonly migrated: MigratedCount }
  | { readonly kind: 'live'; readonly live: LiveView }
  | { readonly kind: 'note'; readonly note: WorkerNote }
  | { readonly kind: 'news'; readonly news: News }
  /** Client connections open now; told within 50 ms of a change, and five times a second while there are any. */
  | { readonly kind: 'connections'; readonly open: number }
  | { readonly kind: 'drained' };

/**
 * What the primary tells all workers about state that it owns, and again to each worker that starts. Each kind is one
 * interface with a `kind` of its own, the whole state each time and never a change to it, so that a worker that
 * missed one is right again with the next.
 */
export type PrimaryNote =
  /** These features are rolled back (auto_rollback), and no others. */
  | { readonly kind: 'rolled_back'; readonly features: readonly string[] }
  /** What clients that speak TLS are shown. Told before `listen` where they are listened for. */
  | { readonly kind: 'certificates'; readonly set: CertificateSet };

/** What a worker tells the primary of what it counted, for state that the primary owns. Sums since its last note. */
export type WorkerNote =
  /** For auto_rollback; told each second, if there is anything. */
  | { readonly kind: 'feature_counts'; readonly counts: readonly FeatureCounts[] }
  /** What answers of shadows came to; told each second, if there is anything. */
  | { readonly kind: 'comparisons'; readonly reports: readonly FeatureComparisons[] };

/** Something for the log that every worker finds out for itself, and that is said once. */
export interface News {
  readonly level: 'info' | 'warn';
  readonly fields: object;
  readonly message: string;
}

/** Answers of the last five minutes: what `banyan_migrated_requests_ratio` is made of. */
export interface MigratedCount {
  readonly byFeature: number;
  readonly total: number;
}

/** An error as it crosses: what a person is told of it, and what `listen` puts on its errors. */
export interface StartProblem {
  readonly message: string;
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}
