import { join } from 'node:path';
import type { Logger } from 'pino';
import { MISMATCH_LOG, MismatchLog } from './compare/mismatch-log.ts';
import type { Counted } from './compare/shadow-book.ts';
import { SHADOW_FILE } from './compare/shadow-file.ts';
import { ShadowKeeper, type ShadowKeeperOptions } from './compare/shadow-keeper.ts';
import { stateFile } from './config/state-file.ts';
import { COMPARISON_RESULTS, type ComparisonResult, type ShadowObserver } from './model/shadow.ts';
import type { Settings } from './settings.ts';

/** Where what is compared is said, and kept. */
interface Kept extends Pick<Settings, 'stateDir' | 'mismatchLog'> {
  readonly logger: Logger;
}

/** What is compared by a router: counted in its metrics, said in its log, and kept in its state folder if it has one. */
export function keepComparisons(
  { stateDir, mismatchLog, logger }: Kept,
  {
    takeReports,
    observer,
  }: Pick<ShadowKeeperOptions, 'takeReports'> & { readonly observer: Pick<ShadowObserver, 'compared'> },
): ShadowKeeper {
  const log = stateDir === null || mismatchLog === null ? null : logIn(stateDir, mismatchLog, logger);
  return new ShadowKeeper({
    log,
    takeReports,
    memory: stateDir === null ? null : stateFile(stateDir, SHADOW_FILE),
    onCounted: (counted) => count(counted, observer),
    onVerdict: ({ feature, readiness }, words) =>
      logger.info({ feature, verdict: readiness.kind }, `what was compared: ${words}`),
    onTrouble: (message, error) => logger.error({ err: error }, message),
  });
}

function count({ feature, route, counts }: Counted, observer: Pick<ShadowObserver, 'compared'>): void {
  for (const result of COMPARISON_RESULTS) {
    for (let left = counts[COUNT_OF[result]]; left > 0; left--) observer.compared({ feature, route, result });
  }
}

const COUNT_OF: Readonly<Record<ComparisonResult, keyof Counted['counts']>> = {
  match: 'match',
  mismatch: 'mismatch',
  noise: 'noise',
  not_built: 'notBuilt',
  skipped: 'skipped',
  error: 'error',
};

function logIn(folder: string, maxBytes: number, logger: Logger): MismatchLog {
  const onTrouble = (error: unknown): void =>
    logger.error({ err: error }, 'the mismatch log cannot be written');
  return new MismatchLog({ path: join(folder, MISMATCH_LOG), maxBytes, onTrouble });
}
