import type { Decision } from '../model/decision.ts';
import type { RollbackStatus } from '../model/feature-counts.ts';
import type { LiveView } from '../model/live-view.ts';
import type { ReloadReport } from '../model/loaded.ts';
import type { RouteTable } from '../model/route-table.ts';
import type { ShadowStatus } from '../model/shadow-report.ts';

/** A question to `/api/explain`, checked for its form. */
export interface ExplainQuestion {
  readonly method: string;
  /** As given: origin-form or absolute. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What `explain` says, or why it can't. */
export type ExplainAnswer = { readonly answer: object } | { readonly problem: string };

/** All that the admin listener shows, asked for at each request. It decides and computes nothing itself. */
export interface AdminDeps {
  /** Further names that it answers to (`--admin-host`), lower case. */
  readonly adminHosts: readonly string[];
  /** The text of `/metrics`. */
  readonly metrics: { readonly contentType: string; exposition(): AsyncIterable<string> };
  /** Whether requests are welcome, and in words why (not). */
  readiness(): { readonly ready: boolean; readonly reason: string };
  /** The table in force; null before the first one. */
  table(): RouteTable | null;
  /** For each route of the table in file order, the default last: what would be done with a request that it takes. */
  decisions(): readonly Decision[];
  /** How endpoints, queues and exchanges stand: with several workers, those of all. */
  live(): LiveView | Promise<LiveView>;
  /** How features with auto_rollback stand, in the order of the table. */
  rollbacks(): readonly RollbackStatus[];
  /** How the comparisons of features with a `shadow` block stand, in the order of the table. */
  shadows(): readonly ShadowStatus[];
  lastReload(): LastReload | null;
  /** Names of features and routes that `legacy_only` names or covers and never moves. */
  spared(): readonly string[];
  explain(question: ExplainQuestion): ExplainAnswer;
}

/** What became of the last reading of the routes file. */
export interface LastReload {
  readonly report: ReloadReport;
  /** Its issues as they were printed: source line, caret and all. */
  readonly text: string;
}
