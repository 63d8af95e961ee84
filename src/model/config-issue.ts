/** One thing that is wrong, or doubtful, in a file: where, and what to do. */
export interface ConfigIssue {
  readonly severity: 'error' | 'warning';
  /** File as the user named it. */
  readonly file: string;
  /** 1-based; 0 when the issue is the file's as a whole (missing, unreadable). */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The line itself; null when there is none. */
  readonly source: string | null;
  /** How many columns the caret covers, at least 1. */
  readonly width: number;
}
