import type { IssueCollector } from '../issue-collector.ts';
import type { AutoRollbackFile } from '../schema/auto-rollback-schema.ts';
import type { FeatureFile } from '../schema/feature-schema.ts';
import type { Path } from '../schema-check.ts';
import { featuresOf, type Rule } from './rule.ts';

/** A window shorter than this has hardly a request in it. */
const SHORTEST_WINDOW_MS = 1_000;
/** One longer than this would remember what was mended yesterday. */
const LONGEST_WINDOW_MS = 24 * 3_600_000;

/** What `auto_rollback` needs so that it can ever act, and act in reason. */
export const autoRollback: Rule = ({ file, issues }) => {
  for (const [name, feature] of Object.entries(featuresOf(file))) {
    if (typeof feature === 'string' || typeof feature.auto_rollback !== 'object') continue;
    const path = ['features', name, 'auto_rollback'];
    checkLimits(issues, feature.auto_rollback, path);
    checkTimes(issues, feature.auto_rollback, path);
    checkStage(issues, feature, path);
  }
};

function checkLimits(issues: IssueCollector, { errors, p95 }: AutoRollbackFile, path: Path): void {
  const limits = [errors?.max, errors?.above_legacy, p95?.max, p95?.times_legacy];
  if (limits.some((limit) => limit !== undefined) || !issues.isWhole(path)) return;
  const needed = '"errors.max", "errors.above_legacy", "p95.max" or "p95.times_legacy"';
  issues.error(path, `"auto_rollback" has no limit: it needs ${needed}`, 'key');
}

function checkTimes(issues: IssueCollector, file: AutoRollbackFile, path: Path): void {
  const { window, hold, p95 } = file;
  if (window !== undefined && (window < SHORTEST_WINDOW_MS || window > LONGEST_WINDOW_MS))
    issues.error([...path, 'window'], '"window" must be from 1s to 1d');
  if (hold === 0) issues.error([...path, 'hold'], '"hold" must be longer than 0');
  if (p95?.max === 0) issues.error([...path, 'p95', 'max'], '"max" must be longer than 0');
}

function checkStage(issues: IssueCollector, { stage, auto_rollback }: FeatureFile, path: Path): void {
  if (typeof auto_rollback !== 'object' || !issues.isWhole(path)) return;
  if (stage === 'done') {
    issues.warning(
      path,
      '"auto_rollback" does nothing in stage done: there may be nothing to go back to',
      'key',
    );
    return;
  }
  const { errors, p95 } = auto_rollback;
  const isLive = stage === undefined || stage === 'live';
  if (!isLive || errors?.max !== undefined || p95?.max !== undefined) return;
  const message =
    'in stage live legacy has no requests to compare with: only "errors.max" and "p95.max" decide';
  issues.warning(path, message, 'key');
}
