import type { ConfigIssue } from './config-issue.ts';

/** The routes file cannot be used and there is no last good one: the process does not start (exit code 78). */
export class UnusableRoutes extends Error {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    super('the routes file cannot be used');
    this.name = 'UnusableRoutes';
    this.issues = issues;
  }
}
