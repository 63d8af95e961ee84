import type { ConfigIssue } from './config-issue.ts';
import type { RouteTable } from './route-table.ts';

/** What reading a routes file gave: a table unless an issue is an error, and every issue found, in file order. */
export interface Loaded {
  readonly table: RouteTable | null;
  readonly issues: readonly ConfigIssue[];
  /** The environment that `${…}` read, null for unset: with the text, all that is needed to read the same again. */
  readonly env: Readonly<Record<string, string | null>>;
}

/** What became of one (re)load: applied, the content was unchanged, or rejected and the table in force goes on. */
export interface ReloadReport {
  readonly result: 'applied' | 'unchanged' | 'rejected';
  /** Wall clock, ms. */
  readonly time: number;
  /** Revision in force after it; null when there is none yet. */
  readonly revision: string | null;
  readonly issues: readonly ConfigIssue[];
  /** The table in force is the last good one from the state folder, not the file's. */
  readonly fromState: boolean;
}
